"""Replicas of the real program, for tests: each has a state directory, a folder and an agent.

Environment: ATOZSYNC_BIN (the program), ATOZSYNC_GENERATE (makes sample folders).
Nothing here waits by sleeping a stated time: wait for a state, with a deadline.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from folder import differences, tree

DEADLINE_S = 60


def program():
    return os.environ.get("ATOZSYNC_BIN", "atozsync")


def generator():
    return os.environ.get("ATOZSYNC_GENERATE", "atozsync-generate")


class Ports:
    """A range of ports that no other test process uses, below those of outgoing connections:
    nobody takes one while its agent is away."""

    FIRST, SLOTS, PER_SLOT = 20000, 240, 50

    def __init__(self):
        self._given = 0
        for slot in range(self.SLOTS):
            name = os.path.join(tempfile.gettempdir(), f"atoz-e2e-ports-{os.getuid()}-{slot}")
            self._lock = open(name, "wb")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                continue
            self._first = self.FIRST + slot * self.PER_SLOT
            return
        raise AssertionError("no free range of ports")

    def take(self):
        for _ in range(self.PER_SLOT):
            port = self._first + self._given % self.PER_SLOT
            self._given += 1
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
        raise AssertionError("no free port")


_ports = None


def free_port():
    global _ports
    _ports = _ports or Ports()
    return _ports.take()


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
    """One replica. The folder is made by the caller or by Cluster."""

    def __init__(self, home, name, root=None):
        os.makedirs(home, exist_ok=True)
        self.home = home
        self.name = name
        self.root = root or os.path.join(home, b"root")
        self.state = os.path.join(home, b"state")
        self.config_file = os.path.join(self.state, b"atozsync.toml")
        self.log_file = os.path.join(home, b"agent.out")
        self.port = free_port()
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    # --- commands ---

    def cmd(self, *args, timeout_s=120):
        done = subprocess.run([program(), "--state", self.state, *args], capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=timeout_s, check=False)
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
        self.id = self.ok("init", "--root", self.root, "--name", self.name, "--listen",
                          self.address, *more).out.strip()
        # Tests are not to wait for programs that keep files open.
        self.edit_config(r'settle = "1s"', 'settle = "100ms"')
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
                self.process = subprocess.Popen(
                    [program(), "--state", self.state, "run"], stdin=subprocess.DEVNULL,
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


class ClusterTest(unittest.TestCase):
    """A temporary directory, replicas in it, and their logs when a test fails."""

    def setUp(self):
        self.temp = os.fsencode(tempfile.mkdtemp(prefix="atoz-e2e-"))
        self.replicas = []
        self.mounted = []  # unmounted once the agents have ended
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        outcome = self._outcome.result
        failed = any(test is self for test, _ in outcome.failures + outcome.errors)
        for replica in self.replicas:
            replica.end()
        if failed:
            for replica in self.replicas:
                print(replica.logs(), file=sys.stderr)
        for directory in self.mounted:
            subprocess.run(["umount", directory], check=False)
        shutil.rmtree(self.temp, ignore_errors=True)

    def replica(self, name, root=None):
        """A replica that is not initialized yet."""
        made = Replica(os.path.join(self.temp, name.encode()), name, root)
        self.replicas.append(made)
        return made

    def cluster(self, count, fill=None):
        """`count` running replicas that know each other; `fill(root)` makes the files."""
        made = [self.replica(name) for name in "abcdefgh"[:count]]
        os.makedirs(made[0].root)
        if fill is not None:
            fill(made[0].root)
        for replica in made:
            replica.init().start()
        for replica in made[1:]:
            replica.join(made[0])
        self.wait_equal(*made)
        return made

    def wait_equal(self, *replicas, expected=None, timeout_s=DEADLINE_S):
        """Waits until nothing is left to do, then compares the folders; returns the tree."""
        for replica in replicas:
            replica.wait(timeout_s)
        first = tree(replicas[0].root)
        if expected is not None:
            self.assert_same(expected, first, f"expected / {replicas[0].name}")
        for replica in replicas[1:]:
            self.assert_same(first, tree(replica.root), f"{replicas[0].name} / {replica.name}")
        for replica in replicas:
            self.assert_only_synchronized(replica)
        return first

    def assert_same(self, left, right, title):
        if left != right:
            self.fail(f"{title}:\n{differences(left, right)}")

    def assert_only_synchronized(self, replica):
        """Nothing of ours outside of .atozsync, and nothing half done inside of it."""
        for path in tree(replica.root, everything=True):
            self.assertNotIn(b"atozsync", path)
            self.assertFalse(path.rsplit(b"/", 1)[-1].endswith((b".part", b".partial")), path)
        self.assertEqual([], os.listdir(os.path.join(replica.root, b".atozsync/staging")),
                         f"{replica.name}: left in staging")

    def assert_no_conflicts(self, *replicas):
        for replica in replicas:
            self.assertEqual([], replica.conflicts(), replica.name)


def generate(root, files, seed=1, mean_bytes=20000):
    """Fills `root` with a folder like a practice's."""
    subprocess.run([generator(), "--out", root, "--files", str(files), "--seed", str(seed),
                    "--bytes-per-file-mean", str(mean_bytes), "--force"],
                   check=True, capture_output=True)


def filled(files, seed=1, mean_bytes=20000):
    return lambda root: generate(root, files, seed, mean_bytes)
