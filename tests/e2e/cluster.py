"""Tests with several replicas of the real program, on real disks and sockets.

Environment: ATOZSYNC_BIN (the program), ATOZSYNC_GENERATE (makes sample folders).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from folder import differences, tree
from replica import DEADLINE_S, Replica, poll, program

__all__ = ["DEADLINE_S", "ClusterTest", "Replica", "filled", "generate", "poll", "program"]


def generator():
    return os.environ.get("ATOZSYNC_GENERATE", "atozsync-generate")


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

    def replica(self, name, root=None, **more):
        """A replica that is not initialized yet."""
        made = Replica(os.path.join(self.temp, name.encode()), name, root, **more)
        self.replicas.append(made)
        return made

    def cluster(self, count, fill=None, make=None):
        """`count` running replicas that know each other; `fill(root)` makes the files, `make(name)`
        a replica that is not initialized yet."""
        made = [(make or self.replica)(name) for name in "abcdefgh"[:count]]
        os.makedirs(made[0].root, exist_ok=True)
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
