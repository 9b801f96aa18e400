"""Files come, change, move and go on every replica."""

import os
import re
import unittest

from cluster import ClusterTest, filled, poll
from folder import differences, read, tree, write


class FirstSyncTest(ClusterTest):

    def first_sync(self, count, files):
        a = self.replica("a")
        os.makedirs(a.root)
        filled(files)(a.root)
        expected = tree(a.root)
        self.assertEqual(files, sum(1 for entry in expected.values() if entry[0] == "file"))
        replicas = [a] + [self.replica(name) for name in "bcde"[:count - 1]]
        for replica in replicas:
            replica.init().start()
        for replica in replicas[1:]:
            replica.join(a)
        self.wait_equal(*replicas, expected=expected, timeout_s=150)
        self.assert_no_conflicts(*replicas)
        # A second look does nothing: no content travels, nothing is announced.
        before = [(r.status()["sequence"], [p["received_bytes"] for p in r.status()["peers"]])
                  for r in replicas]
        for replica in replicas:
            replica.ok("resync")
        self.wait_equal(*replicas, expected=expected)
        after = [(r.status()["sequence"], [p["received_bytes"] for p in r.status()["peers"]])
                 for r in replicas]
        self.assertEqual(before, after)

    def test_two(self):
        self.first_sync(2, 300)

    def test_three(self):
        self.first_sync(3, 300)

    def test_five(self):
        self.first_sync(5, 100)


class ChangesTest(ClusterTest):

    def fill(self, root):
        filled(40)(root)
        write(root, b"S/Smith/photo.jpg", os.urandom(300_000), 1_500_000_000_123_456_700)
        write(root, b"S/Smith/note.txt", b"first", 1_500_000_000_000_000_000)
        write(root, b"S/Smith/sub/one.txt", b"one")
        write(root, b"S/Smith/sub/two.txt", b"two")

    def setUp(self):
        super().setUp()
        self.a, self.b = self.cluster(2, self.fill)
        self.received = self.b.peer(self.a)["received_bytes"]

    def same_after(self):
        expected = tree(self.a.root)
        self.wait_equal(self.a, self.b, expected=expected)
        self.assert_no_conflicts(self.a, self.b)
        return expected

    def received_since(self):
        return self.b.peer(self.a)["received_bytes"] - self.received

    def test_edit_in_both_directions(self):
        write(self.a.root, b"S/Smith/note.txt", b"second")
        self.same_after()
        write(self.b.root, b"S/Smith/note.txt", b"third, longer")
        self.wait_equal(self.a, self.b)
        self.assertEqual(b"third, longer", read(self.a.root, b"S/Smith/note.txt"))
        write(self.a.root, b"S/Smith/note.txt", b"fourth, by rename", replace=True)
        self.same_after()
        with open(os.path.join(self.b.root, b"S/Smith/note.txt"), "ab") as file:
            file.write(b", appended")
        self.wait_equal(self.a, self.b)
        self.assertEqual(b"fourth, by rename, appended", read(self.a.root, b"S/Smith/note.txt"))

    def test_small_edit_of_a_large_file_travels_small(self):
        write(self.a.root, b"S/Smith/scan.tig", os.urandom(8_000_000))
        self.same_after()
        self.received = self.b.peer(self.a)["received_bytes"]
        with open(os.path.join(self.a.root, b"S/Smith/scan.tig"), "r+b") as file:
            file.seek(4_000_000)
            file.write(b"a small edit")
        self.same_after()
        self.assertLess(self.received_since(), 1_000_000)

    def test_rename_file_and_folder_travel_as_nothing(self):
        os.rename(self.a.root + b"/S/Smith/photo.jpg", self.a.root + b"/S/Smith/portrait.jpg")
        expected = self.same_after()
        self.assertIn(b"S/Smith/portrait.jpg", expected)
        self.assertNotIn(b"S/Smith/photo.jpg", expected)
        os.rename(self.a.root + b"/S/Smith", self.a.root + b"/S/SmithJohn")
        expected = self.same_after()
        self.assertIn(b"S/SmithJohn/sub/two.txt", expected)
        self.assertNotIn(b"S/Smith", expected)
        self.assertLess(self.received_since(), 10_000)

    def test_letter_case(self):
        os.rename(self.a.root + b"/S/Smith/photo.jpg", self.a.root + b"/S/Smith/PHOTO.JPG")
        expected = self.same_after()
        self.assertIn(b"S/Smith/PHOTO.JPG", expected)
        self.assertNotIn(b"S/Smith/photo.jpg", expected)
        self.assertLess(self.received_since(), 10_000)

    def test_copy_travels_as_nothing(self):
        write(self.a.root, b"T/Taylor/copy.jpg", read(self.a.root, b"S/Smith/photo.jpg"))
        self.same_after()
        self.assertLess(self.received_since(), 10_000)

    def test_delete(self):
        os.unlink(self.a.root + b"/S/Smith/photo.jpg")
        self.assertNotIn(b"S/Smith/photo.jpg", self.same_after())
        os.unlink(self.b.root + b"/S/Smith/note.txt")
        self.assertNotIn(b"S/Smith/note.txt", self.wait_equal(self.a, self.b))

    def test_folders(self):
        os.makedirs(self.a.root + b"/E/Empty/deep/er")
        self.assertIn(b"E/Empty/deep/er", self.same_after())
        os.removedirs(self.a.root + b"/E/Empty/deep/er")
        self.assertNotIn(b"E/Empty", self.same_after())
        os.unlink(self.a.root + b"/S/Smith/sub/one.txt")
        os.unlink(self.a.root + b"/S/Smith/sub/two.txt")
        os.rmdir(self.a.root + b"/S/Smith/sub")
        self.assertNotIn(b"S/Smith/sub", self.same_after())

    def test_file_becomes_folder_and_back(self):
        os.unlink(self.a.root + b"/S/Smith/note.txt")
        write(self.a.root, b"S/Smith/note.txt/inside.txt", b"inside")
        self.assertEqual(("dir",), self.same_after()[b"S/Smith/note.txt"])
        os.unlink(self.a.root + b"/S/Smith/note.txt/inside.txt")
        os.rmdir(self.a.root + b"/S/Smith/note.txt")
        write(self.a.root, b"S/Smith/note.txt", b"a file again")
        self.assertEqual("file", self.same_after()[b"S/Smith/note.txt"][0])

    def test_time_only(self):
        for mtime_ns in (981_173_106_987_654_300, 1_700_000_000_000_000_001, 0):
            os.utime(self.a.root + b"/S/Smith/photo.jpg", ns=(mtime_ns, mtime_ns))
            self.assertEqual(mtime_ns, self.same_after()[b"S/Smith/photo.jpg"][2])
        self.assertLess(self.received_since(), 10_000)

    def test_swap_of_two_names(self):
        root = self.a.root
        os.rename(root + b"/S/Smith/sub/one.txt", root + b"/S/Smith/sub/x")
        os.rename(root + b"/S/Smith/sub/two.txt", root + b"/S/Smith/sub/one.txt")
        os.rename(root + b"/S/Smith/sub/x", root + b"/S/Smith/sub/two.txt")
        self.same_after()
        self.assertEqual(b"two", read(self.b.root, b"S/Smith/sub/one.txt"))

    def test_links_and_special_files_are_left_alone(self):
        os.symlink(b"/etc/passwd", self.a.root + b"/S/Smith/link")
        os.symlink(b"/etc", self.a.root + b"/S/Smith/dirlink")
        os.mkfifo(self.a.root + b"/S/Smith/pipe")
        write(self.a.root, b"S/Smith/after.txt", b"after")
        poll(lambda: read(self.b.root, b"S/Smith/after.txt"), "after.txt arrives")
        self.a.wait()
        for name in (b"link", b"dirlink", b"pipe"):
            self.assertFalse(os.path.lexists(self.b.root + b"/S/Smith/" + name), name)
        self.assertIn("not synchronized", self.a.ok("explain", "S/Smith/link").out)

    def test_ignored_files_stay(self):
        for name in (b"Thumbs.db", b"~$letter.docx", b"x.tmp", b".hidden", b"Thumbnails/x.jpg"):
            write(self.a.root, b"S/Smith/" + name, b"mine alone")
        write(self.a.root, b"S/Smith/after.txt", b"after")
        self.wait_equal(self.a, self.b)
        self.assertEqual([], [p for p in tree(self.b.root, everything=True)
                              if p.startswith(b"S/Smith/") and p not in tree(self.b.root)])
        self.assertEqual(b"mine alone", read(self.a.root, b"S/Smith/x.tmp"))


class OfflineTest(ClusterTest):

    def test_changes_on_both_sides_while_the_other_is_down(self):
        def fill(root):
            filled(40)(root)
            for i in range(10):
                write(root, b"O/Office/%d.txt" % i, b"file %d" % i)

        a, b = self.cluster(2, fill)
        b.stop()
        office = a.root + b"/O/Office/"
        write(a.root, b"O/Office/0.txt", b"edited at a")
        os.unlink(office + b"1.txt")
        os.rename(office + b"2.txt", office + b"two.txt")
        write(a.root, b"O/Office/new-a.txt", b"new at a")
        os.makedirs(office + b"dir-a")
        poll(lambda: a.status()["state"] == "idle", "a is scanned")
        a.stop()
        office = b.root + b"/O/Office/"
        write(b.root, b"O/Office/5.txt", b"edited at b")
        os.unlink(office + b"6.txt")
        os.rename(office + b"7.txt", office + b"seven.txt")
        write(b.root, b"O/Office/new-b.txt", b"new at b")
        b.start()
        a.start()
        self.wait_equal(a, b)
        self.assert_no_conflicts(a, b)
        found = {os.path.basename(p): read(a.root, p) for p in tree(a.root)
                 if p.startswith(b"O/Office/") and p != b"O/Office/dir-a"}
        self.assertEqual({b"0.txt": b"edited at a", b"two.txt": b"file 2", b"3.txt": b"file 3",
                          b"4.txt": b"file 4", b"new-a.txt": b"new at a", b"5.txt": b"edited at b",
                          b"seven.txt": b"file 7", b"8.txt": b"file 8", b"9.txt": b"file 9",
                          b"new-b.txt": b"new at b"}, found)
        self.assertTrue(os.path.isdir(b.root + b"/O/Office/dir-a"))

    def test_the_same_change_on_both_sides_is_no_conflict(self):
        a, b = self.cluster(2, lambda root: write(root, b"x.txt", b"old"))
        for replica in (a, b):
            replica.stop()
            write(replica.root, b"x.txt", b"the same new", 1_600_000_000_000_000_000)
            write(replica.root, b"y.txt", b"new here and there", 1_600_000_000_000_000_000)
        a.start()
        b.start()
        self.wait_equal(a, b)
        self.assert_no_conflicts(a, b)

    def test_a_member_that_was_away_resurrects_nothing(self):
        a, b, c = self.cluster(3, filled(60))
        c.stop()
        doomed = [p for p, entry in tree(a.root).items() if entry[0] == "file"][:30]
        for i, path in enumerate(doomed):
            os.unlink(os.path.join((a if i % 2 else b).root, path))
        poll(lambda: not any(os.path.exists(os.path.join(r.root, p)) for r in (a, b)
                             for p in doomed), "the deletes arrive")
        for replica in (a, b):
            replica.stop()
            replica.start()
        expected = tree(a.root)
        c.start()
        self.wait_equal(a, b, c, expected=expected)
        self.assert_no_conflicts(a, b, c)


class RelayTest(ClusterTest):

    def test_through_the_middle_only(self):
        a, b, c = self.cluster(3, filled(30))
        for replica in (a, b, c):
            replica.stop()
        # a and c look for each other where nobody is.
        for one, other in ((a, c), (c, a)):
            one.edit_config(re.escape(f'"{other.address}"'), '"127.0.0.1:9"')
        for replica in (a, b, c):
            replica.start()

        def equal():
            trees = [tree(r.root) for r in (a, b, c)]
            return trees[0] == trees[1] == trees[2]

        write(a.root, b"R/Relay/from-a.txt", os.urandom(500_000))
        write(c.root, b"R/Relay/from-c.txt", os.urandom(5_000))
        poll(lambda: read(c.root, b"R/Relay/from-a.txt") and read(a.root, b"R/Relay/from-c.txt")
             and equal(), "the files arrive through b")
        self.assertFalse(a.peer(c)["connected"], "a and c are connected after all")
        os.unlink(c.root + b"/R/Relay/from-a.txt")
        write(a.root, b"R/Relay/from-c.txt", b"edited at a")
        poll(lambda: read(c.root, b"R/Relay/from-c.txt") == b"edited at a" and
             read(a.root, b"R/Relay/from-a.txt") is None and equal(),
             "the edit and the delete arrive through b")
        self.assertEqual("", differences(tree(a.root), tree(c.root)))
        self.assert_no_conflicts(a, b, c)
        self.assertFalse(a.peer(c)["connected"])


if __name__ == "__main__":
    unittest.main()
