"""The systemd unit: right for systemd, as closed as it claims, and open enough for the agent."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from tools import PROGRAM, UNIT, run

EXPOSURE_MAX = 2.0
NOBODY = 65534
DEADLINE_S = 60


class UnitTest(unittest.TestCase):

    def said_of(self, text):
        """What systemd has against a unit; its program is not installed here."""
        text = text.replace("/usr/bin/atozsync", "/bin/true")
        text = re.sub(r"^Documentation=.*\n", "", text, flags=re.MULTILINE)
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place) / "atozsync.service"
            copy.write_text(text, encoding="utf-8")
            said = run("sh", "-c", 'systemd-analyze verify --man=no "$1" 2>&1', "sh", copy, rc=None)
        return [line for line in said.splitlines() if "atozsync" in line]

    def test_systemd_understands_all_of_it(self):
        text = UNIT.read_text(encoding="utf-8")
        self.assertEqual([], self.said_of(text))
        self.assertIn("UMusk", "".join(self.said_of(text.replace("UMask=", "UMusk="))),
                      "it would tell")

    def test_its_exposure_is_low(self):
        said = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
        found = re.search(r"Overall exposure level for atozsync.service: ([0-9.]+)", said)
        self.assertIsNotNone(found, said)
        self.assertLess(float(found.group(1)), EXPOSURE_MAX, said)


def call_sets():
    """{"@ipc": {"pipe", …}} as systemd knows them, with sets in sets."""
    sets = {}
    for line in run("systemd-analyze", "syscall-filter", "--no-pager").splitlines():
        if line.startswith("@"):
            current = sets.setdefault(line.strip(), set())
        elif line.startswith("    ") and not line.strip().startswith("#") and sets:
            current.add(line.strip())
    return sets


def calls_of(names, sets):
    calls = set()
    for name in names:
        calls |= calls_of(sets[name], sets) if name in sets else {name}
    return calls


def allowed_calls():
    sets = call_sets()
    allowed = set(sets["@default"])
    for value in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text(), re.MULTILINE):
        if value.startswith("~"):
            allowed -= calls_of(value[1:].split(), sets)
        else:
            allowed |= calls_of(value.split(), sets)
    return allowed


class OtherUserTest(unittest.TestCase):
    """Agents that have a user of their own, and commands that root gives them. Where the tests do not
    run as root, all of it is one user's."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.place = pathlib.Path(temp.name)
        self.place.chmod(0o755)
        self.program = shutil.copy(PROGRAM, self.place / "atozsync")
        self.agents = []
        self.addCleanup(self.end)

    def end(self):
        for agent in self.agents:
            os.killpg(agent.pid, signal.SIGKILL)  # strace, and what it follows
            agent.wait()

    def command(self, name, *words):
        return [self.program, "--state", self.place / name / "state", *words]

    def give(self, *names):
        if os.geteuid() == 0:
            for name in names:
                os.chown(self.place / name, NOBODY, NOBODY)

    def start(self, name, trace=None):
        for folder in ("root", "state"):
            (self.place / name / folder).mkdir(parents=True)
        self.give(name, name + "/root", name + "/state")
        run(*self.command(name, "init", "--root", self.place / name / "root",
                          "--listen", "127.0.0.1:0"))
        before = ["strace", "-f", "-qq", "-o", trace] if trace else []
        if os.geteuid() == 0:
            before += ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
        self.agents.append(subprocess.Popen([*before, *self.command(name, "run")],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL, start_new_session=True))
        end = time.monotonic() + DEADLINE_S
        while subprocess.run(self.command(name, "status"), capture_output=True,
                             check=False).returncode != 0:
            self.assertLess(time.monotonic(), end, "the agent does not answer")
            time.sleep(0.1)

    def pair(self, trace=None):
        self.start("a", trace)
        self.start("b")
        run(*self.command("b", "join", run(*self.command("a", "invite")).strip()))

    def even(self):
        run(*self.command("a", "wait", "--timeout", DEADLINE_S))

    def test_what_root_commands_stays_the_agents(self):
        self.pair()
        (self.place / "b/root/y").write_text("y")
        self.give("b/root/y")
        self.even()
        run(*self.command("a", "doctor"), rc=None)
        owner = NOBODY if os.geteuid() == 0 else os.geteuid()
        seen = 0
        for name in "ab":
            for top in ("state", "root"):
                for file in (self.place / name / top).rglob("*"):
                    self.assertEqual(owner, file.lstat().st_uid, file)
                    seen += 1
        self.assertGreater(seen, 20)

    def test_the_filter_of_the_unit_lets_the_agent_work(self):
        """Each call to the kernel, with the folder changing here and there. Not as root: libraries do
        more as root."""
        trace = self.place / "trace"
        self.pair(trace)
        (self.place / "a/root/S").mkdir()
        (self.place / "a/root/S/x").write_bytes(b"x" * 3_000_000)
        (self.place / "b/root/y").write_text("y")
        self.give("a/root/S", "a/root/S/x", "b/root/y")
        self.even()
        os.utime(self.place / "b/root/y", (1, 1))
        (self.place / "b/root/S/x").unlink()
        self.even()
        run(*self.command("a", "resync", "--verify"), rc=None)
        made = set()
        for line in trace.read_text(errors="replace").splitlines():
            if "execve(" in line:
                made = set()  # what came before was another program
            elif found := re.match(r"\d+ +([a-z0-9_]+)\(", line):
                made.add(found.group(1))
        self.assertIn("openat2", made, "the agent was seen at work")
        self.assertEqual(set(), made - allowed_calls())
