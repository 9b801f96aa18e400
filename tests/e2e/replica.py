"""One replica of the real program, for tests: a state directory, a folder and an agent.

Environment: ATOZSYNC_BIN (the program). Nothing here waits by sleeping a stated time: wait for a
state, with a deadline.
"""

import json
import os
import re
import signal
import socket
import subprocess
import time

from ports import free_port

DEADLINE_S = 60


def program():
    return os.environ.get("ATOZSYNC_BIN", "atozsync")


def poll(condition, what, deadline_s=DEADLINE_S, pause_s=0.02):
    """Returns the first true value of `condition()`."""
    end = time.monotonic() + deadline_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline_s} s: {what}")
        time.sleep(pause_s)


class Answer:
    """What a command returned."""

    def __init__(self, done):
        self.rc = done.returncode
        self.out = os.fsdecode(done.stdout)
        self.err = os.fsdecode(done.stderr)

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit status {self.rc}\n{self.out}\n{self.err}"


class Replica:
    """One replica. The folder is made by the caller or by ClusterTest.

    `prefix`: a command that runs the program somewhere else, as in a namespace of the network;
    `host`: its address there.
    """

    def __init__(self, home, name, root=None, host="127.0.0.1", prefix=()):
        os.makedirs(home, exist_ok=True)
        self.home = home
        self.name = name
        self.root = root or os.path.join(home, b"root")
        self.state = os.path.join(home, b"state")
        self.config_file = os.path.join(self.state, b"atozsync.toml")
        self.log_file = os.path.join(home, b"agent.out")
        self.host = host
        self.port = free_port()
        self._prefix = list(prefix)
        self.process = None

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def named(self, path):
        """`path` as the program calls it."""
        return path

    def command(self, *args):
        return [*self._prefix, program(), "--state", self.named(self.state), *args]

    # --- commands ---

    def cmd(self, *args, timeout_s=120):
        done = subprocess.run(self.command(*args), capture_output=True, stdin=subprocess.DEVNULL,
                              timeout=timeout_s, check=False)
        return Answer(done)

    def ok(self, *args, rc=0, timeout_s=120):
        """Runs a command that has to end with `rc` (one or a tuple)."""
        answer = self.cmd(*args, timeout_s=timeout_s)
        allowed = rc if isinstance(rc, tuple) else (rc,)
        if answer.rc not in allowed:
            raise AssertionError(f"{self.name}: {args}: {answer}")
        return answer

    def json(self, *args, rc=0):
        return self.ok(*args, "--json", rc=rc).json()

    def status(self):
        return self.json("status")

    def peer(self, other):
        """What `status` says about one peer."""
        for peer in self.status()["peers"]:
            if peer["name"] == other.name:
                return peer
        raise AssertionError(f"{self.name} does not know {other.name}")

    def conflicts(self):
        return self.json("conflicts", "list", rc=(0, 1))

    def wait(self, timeout_s=DEADLINE_S):
        answer = self.cmd("wait", "--timeout", str(timeout_s), timeout_s=timeout_s + 60)
        if answer.rc != 0:
            raise AssertionError(f"{self.name}: wait: {answer}\n{self.cmd('status', '--json')}")

    # --- life ---

    def init(self, *more):
        os.makedirs(self.root, exist_ok=True)
        self.id = self.ok("init", "--root", self.named(self.root), "--name", self.name,
                          "--listen", self.address, *more).out.strip()
        # Tests are not to wait for programs that keep files open.
        self.edit_config(r'settle = "1s"', 'settle = "100ms"')
        # Nor do people delete so much, and so many kinds of wrong content, in an hour.
        self.edit_config(r'share = "5%"', 'share = "off"')
        return self

    def edit_config(self, pattern, replacement):
        with open(self.config_file, encoding="utf-8") as file:
            text = file.read()
        changed, count = re.subn(pattern, lambda _: replacement, text)
        if count == 0:
            raise AssertionError(f"{pattern!r} is not in the configuration:\n{text}")
        with open(self.config_file, "w", encoding="utf-8") as file:
            file.write(changed)

    def config_text(self):
        with open(self.config_file, encoding="utf-8") as file:
            return file.read()

    def start(self):
        """Starts the agent and returns once it says READY to its service manager."""
        assert self.process is None
        notify = os.path.join(self.home, b"notify")
        if os.path.exists(notify):
            os.unlink(notify)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(notify)
            manager.settimeout(0.2)
            with open(self.log_file, "ab") as log:
                environment = {**os.environ, "NOTIFY_SOCKET": os.fsdecode(notify)}
                self.process = subprocess.Popen(self.command("run"), stdin=subprocess.DEVNULL,
                                                stdout=log, stderr=log, env=environment)
            end = time.monotonic() + DEADLINE_S
            while True:
                try:
                    if b"READY=1" in manager.recv(4096):
                        return self
                except TimeoutError:
                    pass
                if self.process.poll() is not None:
                    rc = self.process.returncode
                    self.process = None
                    raise AssertionError(f"{self.name}: the agent ended with {rc}")
                if time.monotonic() > end:
                    raise AssertionError(f"{self.name}: the agent did not become ready")

    def stop(self):
        """Ends the agent cleanly."""
        self.process.send_signal(signal.SIGTERM)
        rc = self._ended()
        if rc != 0:
            raise AssertionError(f"{self.name}: the agent ended with {rc}")

    def kill9(self):
        self.process.kill()
        self._ended()

    def freeze(self):
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self.process.send_signal(signal.SIGCONT)

    def stands_still(self):
        """Every thread of it has been stopped."""
        for task in os.listdir(f"/proc/{self.pid}/task"):
            with open(f"/proc/{self.pid}/task/{task}/stat", encoding="utf-8") as file:
                if file.read().rsplit(")", 1)[1].split()[0] != "T":
                    return False
        return True

    def _ended(self):
        try:
            rc = self.process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired as expired:
            raise AssertionError(f"{self.name}: the agent does not end") from expired
        self.process = None
        return rc

    def peak_memory_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024

    def end(self):
        """Whatever happened: no process stays behind."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    # --- pairing ---

    def invite(self, *more):
        return self.ok("invite", *more).out.strip()

    def join(self, inviter, *more):
        return self.ok("join", inviter.invite(), *more)

    def logs(self, lines_max=60):
        parts = []
        for name in (self.log_file, os.path.join(self.state, b"log", b"atozsync.log")):
            if os.path.exists(name):
                with open(name, encoding="utf-8", errors="replace") as file:
                    last = file.readlines()[-lines_max:]
                parts.append(f"--- {self.name}: {os.fsdecode(os.path.basename(name))}\n" +
                             "".join(last))
        return "\n".join(parts)
