"""`atozsync service` with a systemctl of our own first in PATH."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from tools import PROGRAM, run


class ServiceCommandTest(unittest.TestCase):

    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.place = pathlib.Path(temp.name)
        (self.place / "bin").mkdir()
        (self.place / "root").mkdir()
        run(PROGRAM, "--state", self.place / "state", "init", "--root", self.place / "root")
        self.fake('[ "$1" != is-system-running ] || echo running\n'
                  '[ "$1" != show ] || cat "$(dirname "$0")/show"')

    def fake(self, script):
        file = self.place / "bin/systemctl"
        file.write_text('#!/bin/sh\necho "$*" >>"$(dirname "$0")/calls"\n' + script + "\n",
                        encoding="utf-8")
        file.chmod(0o755)

    def show(self, **values):
        (self.place / "bin/show").write_text(
            "".join(f"{key}={value}\n" for key, value in values.items()), encoding="utf-8")

    def service(self, *words):
        return subprocess.run([PROGRAM, "--state", self.place / "state", "service", *words],
                              capture_output=True, text=True, check=False,
                              env={**os.environ, "PATH": f"{self.place}/bin:/usr/bin:/bin"})

    def calls(self):
        return (self.place / "bin/calls").read_text(encoding="utf-8").splitlines()

    def test_start_and_stop_ask_systemctl(self):
        for word in ("start", "stop"):
            done = self.service(word)
            self.assertEqual((0, ""), (done.returncode, done.stderr))
            self.assertEqual(word + " atozsync.service", self.calls()[-1])

    def test_status(self):
        self.show(LoadState="loaded", ActiveState="active", SubState="running",
                  UnitFileState="enabled", MainPID="5", StatusText="running")
        done = self.service("status")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertIn("active (running): running\nbegins with the machine", done.stdout)
        self.assertEqual({"installed": True, "enabled": True, "running": True, "pid": 5,
                          "state": "active (running)", "status": "running"},
                         json.loads(self.service("status", "--json").stdout))
        self.show(LoadState="loaded", ActiveState="failed", SubState="failed")
        done = self.service("status")
        self.assertEqual(4, done.returncode)
        self.assertIn("failed", done.stdout)
        self.show(LoadState="not-found", ActiveState="inactive", SubState="dead")
        done = self.service("status")
        self.assertEqual(4, done.returncode)
        self.assertIn("not installed", done.stdout)

    def test_without_systemd_the_exit_status_is_five_and_it_says_what_to_do(self):
        self.fake("echo offline; exit 1")
        for word in ("install", "uninstall", "start", "stop", "status"):
            done = self.service(word)
            self.assertEqual(5, done.returncode, word)
            self.assertIn("systemd does not run this machine", done.stderr)
            self.assertIn("atozsync run", done.stderr)

    def test_what_systemctl_refuses_is_told(self):
        self.fake('[ "$1" = is-system-running ] && { echo running; exit 0; }\n'
                  "echo 'Access denied' >&2; exit 4")
        done = self.service("start")
        self.assertEqual(5, done.returncode)
        self.assertIn("Access denied", done.stderr)

    def test_it_needs_a_replica(self):
        run(PROGRAM, "--state", self.place / "none", "service", "install", rc=2)
        run(PROGRAM, "--state", self.place / "none", "service", rc=2)
