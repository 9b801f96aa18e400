"""Kept versions, pausing, explaining, and looking again (resync)."""

import mmap
import os
import shutil
import subprocess
import unittest

from cluster import ClusterTest, filled, poll
from folder import contents_anywhere, hash_of, read, tree, write

PATH = b"S/Smith/letter.txt"
TEXT = os.fsdecode(PATH)


class HistoryTest(ClusterTest):

    def setUp(self):
        super().setUp()
        self.a, self.b = self.cluster(2, lambda root: write(root, PATH, b"version 1"))
        for content in (b"version 2", b"version 3"):
            write(self.a.root, PATH, content)
            self.wait_equal(self.a, self.b)

    def kept(self, replica):
        versions = replica.json("history", TEXT)["versions"]
        return [v for v in versions if v["version"] != "live"]

    def test_history_lists_what_was_replaced(self):
        versions = self.b.json("history", TEXT)["versions"]
        self.assertEqual(1, sum(1 for v in versions if v["version"] == "live"))
        kept = self.kept(self.b)
        self.assertEqual(2, len(kept))
        for version in kept:
            self.assertEqual((9, "a"), (version["size"], version["replica"]))
            self.assertRegex(version["kept"], r"^\d{4}-\d\d-\d\dT")
            self.assertTrue(version["why"])
        # Newest first.
        self.assertGreaterEqual(kept[0]["kept"], kept[1]["kept"])
        self.assertIn("9 bytes", self.b.ok("history", TEXT).out)
        # An absolute path is understood too.
        absolute = os.path.join(self.b.root, PATH)
        self.assertEqual(3, len(self.b.json("history", absolute)["versions"]))

    def test_restore_in_place_is_a_new_version_everywhere(self):
        self.b.ok("restore", TEXT)
        self.wait_equal(self.a, self.b)
        self.assertEqual([b"version 2"] * 2, [read(r.root, PATH) for r in (self.a, self.b)])
        self.assertEqual(0, self.b.cmd("conflicts").rc)
        self.assertIn(b"version 3",
                      [self.content_of(self.b, v["version"]) for v in self.kept(self.b)])

    def content_of(self, replica, version):
        target = os.path.join(self.temp, b"out-" + os.urandom(4).hex().encode())
        replica.ok("restore", TEXT, "--version", version, "--to", target)
        with open(target, "rb") as file:
            return file.read()

    def test_restore_a_stated_version(self):
        number_2 = self.content_of(self.b, "2")
        self.assertEqual(b"version 1", number_2)
        self.b.ok("restore", TEXT, "--version", "2")
        self.wait_equal(self.a, self.b)
        self.assertEqual([b"version 1"] * 2, [read(r.root, PATH) for r in (self.a, self.b)])
        self.assertEqual(2, self.b.cmd("restore", TEXT, "--version", "77").rc)
        self.assertEqual(2, self.b.cmd("restore", "no/such/file").rc)

    def test_restore_to_a_file_leaves_the_folder_alone(self):
        before = (tree(self.a.root), self.b.status()["sequence"])
        target = os.path.join(self.temp, b"copy")
        self.b.ok("restore", TEXT, "--to", target)
        with open(target, "rb") as file:
            self.assertEqual(b"version 2", file.read())
        # What is there is not replaced.
        self.assertNotEqual(0, self.b.cmd("restore", TEXT, "--version", "2", "--to", target).rc)
        with open(target, "rb") as file:
            self.assertEqual(b"version 2", file.read())
        self.wait_equal(self.a, self.b)
        self.assertEqual(before, (tree(self.a.root), self.b.status()["sequence"]))

    def test_restore_what_was_deleted(self):
        os.unlink(os.path.join(self.a.root, PATH))
        self.assertNotIn(PATH, self.wait_equal(self.a, self.b))
        self.b.ok("restore", TEXT)
        self.wait_equal(self.a, self.b)
        self.assertEqual([b"version 3"] * 2, [read(r.root, PATH) for r in (self.a, self.b)])

    def test_history_survives_a_restart_and_a_lost_index(self):
        before = len(self.kept(self.b))
        self.b.kill9()
        self.b.start()
        self.b.wait()
        self.assertEqual(before, len(self.kept(self.b)))
        self.b.stop()
        for name in (b"index.db", b"index.db-wal", b"index.db-shm"):
            if os.path.exists(os.path.join(self.b.state, name)):
                os.unlink(os.path.join(self.b.state, name))
        self.b.start()
        self.wait_equal(self.a, self.b)
        poll(lambda: len(self.kept(self.b)) == before, "the kept versions are found again")


class PauseTest(ClusterTest):

    def test_pause_and_resume(self):
        a, b = self.cluster(2)
        a.ok("pause")
        self.assertEqual("paused", a.status()["state"])
        sequence = a.status()["sequence"]
        write(a.root, b"1.txt", b"one")
        write(b.root, b"2.txt", b"two")
        poll(lambda: a.status()["sequence"] > sequence, "a has seen its change")
        self.assertEqual(3, a.cmd("wait", "--timeout", "0.5").rc)
        self.assertEqual(3, b.cmd("wait", "--timeout", "0.5").rc)
        self.assertEqual(({b"1.txt"}, {b"2.txt"}), (tree(a.root).keys(), tree(b.root).keys()))
        # It is remembered.
        a.stop()
        a.start()
        self.assertEqual("paused", a.status()["state"])
        a.ok("resume")
        self.assertEqual({b"1.txt", b"2.txt"}, self.wait_equal(a, b).keys())
        self.assertNotEqual("paused", a.status()["state"])


class ExplainTest(ClusterTest):

    def test_versions_on_each_replica(self):
        a, b = self.cluster(2, lambda root: write(root, PATH, b"hello"))
        report = a.json("explain", TEXT)
        self.assertEqual(TEXT, report["path"])
        self.assertIn("5 bytes", report["on_disk"])
        self.assertEqual([("b", True)], [(p["replica"], p["known"]) for p in report["peers"]])
        self.assertEqual(report["row"]["hash"], report["peers"][0]["version"]["hash"])
        text = b.ok("explain", TEXT).out
        self.assertIn("5 bytes", text)
        self.assertIn("a:", text)
        self.assertTrue(b.json("explain", TEXT)["reason"])
        self.assertIn("nothing", a.ok("explain", "no/such/file").out)
        self.assertIn("not synchronized", a.ok("explain", "S/Smith/Thumbs.db").out)
        self.assertEqual(2, a.cmd("explain", "../outside").rc)


class QuietWriter:
    """Changes a file in a way that the system tells nobody about: through a mapping."""

    def __init__(self, root, path):
        self._file = open(os.path.join(root, path), "r+b")
        self._map = mmap.mmap(self._file.fileno(), 0)

    def write(self, content):
        self._map[:len(content)] = content
        self._map.flush()

    def close(self):
        self._map.close()
        self._file.close()


class ResyncTest(ClusterTest):

    def test_nothing_to_do_is_0(self):
        a, b = self.cluster(2, filled(50))
        answer = a.ok("resync")
        self.assertIn("everything is equal", answer.out)
        self.assertTrue(answer.err, "shows progress")
        report = a.json("resync")
        self.assertEqual((0, 1, []), (report["difference_count"], report["compared_peers"],
                                      report["unreachable_peers"]))
        self.assertEqual(a.status()["files"], report["files"])
        self.assertEqual(0, a.cmd("resync", "--dry-run").rc)
        b.ok("resync")

    def test_finds_and_mends_what_no_event_told(self):
        a, b = self.cluster(2, lambda root: write(root, PATH, b"x" * 10_000))
        quiet = QuietWriter(a.root, PATH)
        self.addCleanup(quiet.close)
        quiet.write(b"changed quietly")
        sequence = a.status()["sequence"]
        for paths in ((), (TEXT,), ("S",)):
            report = a.json("resync", "--dry-run", *paths, rc=1)
            self.assertEqual([("folder", TEXT, "changed")],
                             [(d["where"], d["path"], d["what"]) for d in report["differences"]])
        self.assertEqual(0, a.cmd("resync", "--dry-run", "T").rc, "another path has no difference")
        a.wait()
        self.assertEqual(sequence, a.status()["sequence"], "a dry run announces nothing")
        self.assertEqual(b"x" * 10_000, read(b.root, PATH), "a dry run changes nothing")
        report = a.json("resync", TEXT, rc=1)
        self.assertEqual([TEXT], [d["path"] for d in report["differences"]
                                  if d["where"] == "folder"])
        self.wait_equal(a, b)
        self.assertTrue(read(b.root, PATH).startswith(b"changed quietly"))
        self.assertEqual(0, a.cmd("resync").rc)

    def test_events_that_overflowed(self):
        a, b = self.cluster(2, lambda root: write(root, b"S/0", b"") or write(root, b"S/1", b""))
        a.freeze()
        # More than the system keeps for a program that does not listen.
        with open("/proc/sys/fs/inotify/max_queued_events", encoding="ascii") as file:
            limit = int(file.read())
        files = [os.open(a.root + name, os.O_WRONLY) for name in (b"/S/0", b"/S/1")]
        for i in range(limit):
            os.pwrite(files[i % 2], b"%d" % i, 0)  # not the same event as the one before
        for fd in files:
            os.close(fd)
        write(a.root, b"T/Taylor/lost.txt", b"nobody was told")
        os.unlink(a.root + b"/S/1")
        a.thaw()
        poll(lambda: a.status()["watching"]["overflows"] > 0, "the overflow is noticed")
        poll(lambda: read(b.root, b"T/Taylor/lost.txt"), "what was lost is found")
        self.assertNotIn(b"S/1", self.wait_equal(a, b))

    def test_one_peer_only(self):
        a, b, c = self.cluster(3)
        self.assertEqual(1, a.json("resync", "--peer", "b")["compared_peers"])
        self.assertEqual(2, a.json("resync")["compared_peers"])
        self.assertEqual(2, a.cmd("resync", "--peer", "nobody").rc)
        c.stop()
        poll(lambda: not a.peer(c)["connected"], "c is gone")
        self.assertEqual(0, a.cmd("resync", "--peer", "b").rc)
        report = a.json("resync", rc=1)
        self.assertEqual(["c"], report["unreachable_peers"])

    def test_verify_reads_every_byte(self):
        a, b = self.cluster(2, filled(50))
        report = a.json("resync", "--verify")
        self.assertEqual(a.status()["bytes"], report["hashed_bytes"])
        self.assertEqual(0, report["difference_count"])
        self.assertEqual(0, a.json("resync")["hashed_bytes"])

    def test_verify_with_a_flipped_byte_and_the_old_time_loses_nothing(self):
        a, b = self.cluster(2, lambda root: write(root, PATH, b"original" * 1000))
        original = hash_of_file(a.root, PATH)
        a.stop()
        full = os.path.join(a.root, PATH)
        stat = os.stat(full)
        with open(full, "r+b") as file:
            file.seek(100)
            file.write(b"#")
        os.utime(full, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        flipped = hash_of_file(a.root, PATH)
        a.start()
        a.ok("resync", "--verify", rc=(0, 1))
        self.wait_equal(a, b)
        # Its change time gives it away: it counts as somebody's change.
        everything = contents_anywhere(a.root) | contents_anywhere(b.root)
        self.assertLessEqual({original, flipped}, everything)


def hash_of_file(root, path):
    with open(os.path.join(root, path), "rb") as file:
        return hash_of(file.fileno())


class DamageTest(ClusterTest):
    """A disk that changes bytes: a file system in an image, which is changed while not mounted."""

    def setUp(self):
        super().setUp()
        self.image = os.path.join(self.temp, b"image")
        self.mounted_at = os.path.join(self.temp, b"disk")
        os.makedirs(self.mounted_at)
        with open(self.image, "wb") as file:
            file.truncate(400 << 20)
        self.run_tool("mkfs.ext4", "-q", "-F", self.image)
        self.mount()
        self.mounted.append(self.mounted_at)

    def run_tool(self, *command):
        if shutil.which(command[0], path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            self.fail(f"this test needs {command[0]}")
        done = subprocess.run(command, capture_output=True, check=False, env={
            **os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})
        if done.returncode != 0:
            self.fail(f"{command}: {done.stderr.decode()} (this test mounts: it needs root)")

    def mount(self):
        self.run_tool("mount", "-o", "loop", self.image, self.mounted_at)

    def test_verify_reports_damage_and_does_not_spread_it(self):
        content = os.urandom(64_000)
        a = self.replica("a", os.path.join(self.mounted_at, b"root"))
        write(a.root, PATH, content)
        write(a.root, b"S/Smith/whole.txt", b"whole")
        b = self.replica("b")
        a.init().start()
        b.init().start()
        b.join(a)
        self.wait_equal(a, b)
        a.stop()
        self.run_tool("umount", self.mounted_at)
        damaged = b"\xff" if content[0] != 0xFF else b"\x00"
        with open(self.image, "r+b") as file:
            with mmap.mmap(file.fileno(), 0) as image:
                at = image.find(content[:4096])
                self.assertGreater(at, 0)
                while at >= 0:
                    image[at:at + 1] = damaged
                    at = image.find(content[:4096], at + 1)
        self.mount()
        self.assertEqual(damaged + content[1:], read(a.root, PATH))
        a.start()
        a.wait()
        self.assertEqual(0, a.cmd("resync").rc, "nothing shows without reading")
        report = a.json("resync", "--verify", rc=1)
        self.assertEqual([TEXT], [d["path"] for d in report["differences"]])
        self.assertIn("damage", report["differences"][0]["what"])
        self.wait_equal(a, b)
        self.assertEqual(content, read(b.root, PATH), "damage is not announced")
        self.assertEqual(content, read(a.root, PATH), "it is healed from the other replica")
        self.assert_no_conflicts(a, b)


if __name__ == "__main__":
    unittest.main()
