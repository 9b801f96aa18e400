"""What a replica goes through: killed in the middle, away, its folder or its index gone."""

import os
import random
import shutil
import unittest

from cluster import ClusterTest, filled, poll
from folder import WholeFilesWatch, read, tree, write

INDEX_FILES = (b"index.db", b"index.db-wal", b"index.db-shm")


def kill_during_first_sync(test, files, kills):
    """The receiver dies `kills` times on its way; nothing ever stands there by half."""
    a, b = test.replica("a"), test.replica("b")
    os.makedirs(a.root)
    filled(files, mean_bytes=60_000)(a.root)
    expected = tree(a.root)
    hashes = {path: {entry[1]} for path, entry in expected.items() if entry[0] == "file"}
    a.init().start()
    poll(lambda: a.status()["state"] == "idle" and a.status()["files"] == files, "a is scanned")
    b.init()
    b.ok("join", a.invite())
    staging = os.path.join(b.root, b".atozsync/staging")
    rng = random.Random(7)

    def arrived():
        return sum(1 for path in hashes if os.path.exists(os.path.join(b.root, path)))

    with WholeFilesWatch(b.root, hashes) as watch:
        for number in range(kills):
            b.start()
            # At another moment each time: after some more files, or with something in staging.
            target = min(arrived() + rng.randrange(max(2, files // (kills + 1))), files - 1)
            poll(lambda: arrived() >= target and (number % 2 or os.listdir(staging) or
                                                  arrived() > target),
                 f"round {number}: {target} files", pause_s=0.001)
            b.kill9()
        b.start()
        test.wait_equal(a, b, expected=expected, timeout_s=300)
        looks = watch.looks
        poll(lambda: watch.looks > looks + 1, "the watcher has seen the end")
    test.assertEqual([], watch.violations)
    test.assert_no_conflicts(a, b)


class KillTest(ClusterTest):

    def test_six_kills_during_the_first_sync(self):
        kill_during_first_sync(self, 300, 6)

    def test_sender_is_killed(self):
        a, b = self.replica("a"), self.replica("b")
        os.makedirs(a.root)
        filled(200, mean_bytes=60_000)(a.root)
        expected = tree(a.root)
        a.init().start()
        b.init().start()
        b.join(a)
        for target in (10, 60, 120):
            poll(lambda: len(tree(b.root)) >= target, f"{target} entries")
            a.kill9()
            a.start()
        self.wait_equal(a, b, expected=expected)
        self.assert_no_conflicts(a, b)

    def test_killed_while_files_are_replaced_and_deleted(self):
        a, b = self.cluster(2, filled(100))
        files = sorted(p for p, entry in tree(a.root).items() if entry[0] == "file")
        hashes = {}
        before = tree(a.root)
        b.stop()
        for i, path in enumerate(files):
            if i % 3 == 0:
                os.unlink(os.path.join(a.root, path))
            elif i % 3 == 1:
                write(a.root, path, os.urandom(50_000))
        expected = tree(a.root)
        for path in files:
            hashes[path] = {t[path][1] for t in (before, expected) if path in t}
        with WholeFilesWatch(b.root, hashes) as watch:
            for number in range(4):
                b.start()
                poll(lambda: sum(1 for p in files if not os.path.exists(os.path.join(b.root, p)))
                     >= 5 * (number + 1), "some deletes are done", pause_s=0.001)
                b.kill9()
            b.start()
            self.wait_equal(a, b, expected=expected)
        self.assertEqual([], watch.violations)
        self.assert_no_conflicts(a, b)


class KillSlow(ClusterTest):

    def test_twenty_kills_during_the_first_sync(self):
        kill_during_first_sync(self, 2000, 20)


class RootGoneTest(ClusterTest):

    def gone(self, replica):
        return replica.status()["state"] == "root-missing"

    def test_volume_goes_and_comes_back(self):
        a, b = self.cluster(2, filled(60))
        expected = tree(a.root)
        away = a.root + b"-away"
        for empty_mount_point in (False, True):
            os.rename(a.root, away)
            if empty_mount_point:
                os.mkdir(a.root)
            poll(lambda: self.gone(a), "a says root-missing")
            self.assertEqual(3, b.cmd("wait", "--timeout", "0.5").rc)
            self.assertEqual(expected, tree(b.root), "nothing is announced")
            self.assertTrue(a.status()["last_error"] or a.status()["state"])
            if empty_mount_point:
                # Nothing of ours appears below the mount point, where it would be hidden later.
                self.assertEqual([], os.listdir(a.root))
                os.rmdir(a.root)
            os.rename(away, a.root)
            poll(lambda: a.status()["state"] == "idle", "a works again")
            self.wait_equal(a, b, expected=expected)
        write(a.root, b"1.txt", b"one")
        write(b.root, b"2.txt", b"two")
        self.wait_equal(a, b)
        self.assertEqual(b"one", read(b.root, b"1.txt"))
        self.assertEqual(b"two", read(a.root, b"2.txt"))

    def test_missing_at_the_start(self):
        a, b = self.cluster(2, filled(60))
        expected = tree(a.root)
        a.stop()
        os.rename(a.root, a.root + b"-away")
        os.mkdir(a.root)
        a.start()
        poll(lambda: self.gone(a), "a says root-missing")
        self.assertEqual([], os.listdir(a.root))
        self.assertEqual(expected, tree(b.root))
        os.rmdir(a.root)
        os.rename(a.root + b"-away", a.root)
        poll(lambda: a.status()["state"] == "idle", "a works again")
        self.wait_equal(a, b, expected=expected)


class IndexTest(ClusterTest):

    def remove_index(self, replica):
        for name in INDEX_FILES:
            if os.path.exists(os.path.join(replica.state, name)):
                os.unlink(os.path.join(replica.state, name))

    def set_aside(self, replica):
        return [n for n in os.listdir(replica.state) if n.startswith(b"index.db.corrupt")]

    def check_after(self, a, b, expected):
        self.wait_equal(a, b, expected=expected)
        self.assert_no_conflicts(a, b)
        # Both go on as before.
        write(a.root, b"after-a.txt", b"a")
        write(b.root, b"after-b.txt", b"b")
        os.unlink(os.path.join(b.root, b"doomed.txt"))
        found = self.wait_equal(a, b)
        self.assertLessEqual({b"after-a.txt", b"after-b.txt"}, found.keys())
        self.assertNotIn(b"doomed.txt", found)
        self.assert_no_conflicts(a, b)

    def start(self):
        def fill(root):
            filled(60)(root)
            write(root, b"doomed.txt", b"doomed")

        return self.cluster(2, fill)

    def test_deleted(self):
        a, b = self.start()
        for replica in (a, b):
            replica.stop()
            self.remove_index(replica)
            replica.start()
            self.wait_equal(a, b, expected=tree(a.root))
        self.assertEqual(0, b.peer(a)["received_bytes"], "the folder is there: nothing travels")
        self.check_after(a, b, tree(a.root))

    def test_deleted_while_the_cluster_went_on(self):
        a, b = self.start()
        b.stop()
        self.remove_index(b)
        write(a.root, b"while-away.txt", b"new")
        poll(lambda: a.status()["state"] == "idle", "a is scanned")
        b.start()
        self.check_after(a, b, tree(a.root))

    def test_an_old_copy_comes_back(self):
        a, b = self.start()
        b.stop()
        saved = os.path.join(b.home, b"saved")
        os.mkdir(saved)
        for name in INDEX_FILES:
            if os.path.exists(os.path.join(b.state, name)):
                shutil.copy2(os.path.join(b.state, name), saved)
        b.start()
        write(a.root, b"newer-a.txt", b"a")
        write(b.root, b"newer-b.txt", b"b")
        write(b.root, b"edited.txt", b"1")
        self.wait_equal(a, b)
        write(b.root, b"edited.txt", b"2")
        os.unlink(os.path.join(b.root, b"newer-a.txt"))
        self.wait_equal(a, b)
        b.stop()
        self.remove_index(b)
        for name in os.listdir(saved):
            shutil.copy2(os.path.join(saved, name), b.state)
        expected = tree(a.root)
        b.start()
        self.check_after(a, b, expected)

    def test_garbage_instead(self):
        a, b = self.start()
        expected = tree(a.root)
        b.stop()
        self.remove_index(b)
        with open(os.path.join(b.state, b"index.db"), "wb") as file:
            file.write(os.urandom(100_000))
        b.start()
        self.check_after(a, b, expected)
        self.assertEqual(1, len(self.set_aside(b)), os.listdir(b.state))

    def test_garbage_in_the_middle(self):
        a, b = self.start()
        expected = tree(a.root)
        b.stop()
        name = os.path.join(b.state, b"index.db")
        size = os.path.getsize(name)
        self.assertGreater(size, 16384)
        with open(name, "r+b") as file:
            file.seek(4096)
            file.write(os.urandom(size - 8192))
        b.start()
        poll(lambda: b.status()["state"] == "idle", "b works")
        self.check_after(a, b, expected)

    def test_empty_file_instead(self):
        a, b = self.start()
        expected = tree(a.root)
        b.stop()
        self.remove_index(b)
        open(os.path.join(b.state, b"index.db"), "wb").close()
        b.start()
        self.check_after(a, b, expected)


if __name__ == "__main__":
    unittest.main()
