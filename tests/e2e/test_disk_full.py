"""A disk without room: receiving stops and says so, sending goes on, and it recovers by itself.

Mounts small file systems in memory: needs root.
"""

import os
import subprocess
import unittest

from cluster import ClusterTest, filled, poll
from folder import read, tree, write


class DiskFullTest(ClusterTest):

    def small_disk(self, options):
        disk = os.path.join(self.temp, b"disk")
        os.makedirs(disk)
        self.mount("-t", "tmpfs", "-o", options, "atozsync-test", disk)
        self.mounted.append(disk)
        return disk

    def mount(self, *args):
        done = subprocess.run(["mount", *args], capture_output=True, check=False)
        if done.returncode != 0:
            self.fail(f"mount: {done.stderr.decode().strip()}: this test mounts, run it as root")

    def pair(self, disk):
        a, b = self.replica("a"), self.replica("b", os.path.join(disk, b"root"))
        os.makedirs(a.root)
        filled(20)(a.root)
        a.init().start()
        b.init().start()
        b.join(a)
        return a, b

    def wait_full(self, b):
        poll(lambda: b.status()["state"] == "disk-full", "b says disk-full", pause_s=0.1)

    def test_nearly_full(self):
        # Less than the reserve: nothing is received from the beginning.
        disk = self.small_disk("size=100m")
        a, b = self.pair(disk)
        self.wait_full(b)
        self.assertEqual(3, b.cmd("wait", "--timeout", "0.5").rc)
        write(b.root, b"from-b.txt", b"sending goes on")
        poll(lambda: read(a.root, b"from-b.txt") == b"sending goes on", "b still sends")
        self.assertEqual("disk-full", b.status()["state"])
        self.mount("-o", "remount,size=2g", disk)
        self.wait_equal(a, b, timeout_s=150)
        self.assertEqual("idle", b.status()["state"])
        self.assert_no_conflicts(a, b)

    def test_no_room_for_names(self):
        # The free bytes look well, but nothing more can be made.
        disk = self.small_disk("size=2g,nr_inodes=400")
        a, b = self.pair(disk)
        self.wait_equal(a, b)
        for i in range(600):
            write(a.root, b"N/New/%03d.txt" % i, b"new %d" % i)
        poll(lambda: b.status()["state"] == "disk-full" or b.status()["problems"],
             "b says that something is wrong", pause_s=0.1)
        # Nothing that came so far is broken, and nothing goes back to a.
        there, here = tree(b.root), tree(a.root)
        self.assertEqual({}, {p: e for p, e in there.items() if here.get(p) != e})
        self.mount("-o", "remount,nr_inodes=4000", disk)
        self.wait_equal(a, b, expected=here, timeout_s=150)
        self.assert_no_conflicts(a, b)


if __name__ == "__main__":
    unittest.main()
