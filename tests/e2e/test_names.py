"""Odd names, deep paths, empty and large files."""

import os
import random
import unittest

from cluster import ClusterTest, poll
from folder import hash_of, make_deep, read, tree, write


class NamesTest(ClusterTest):

    NAMES = (b"new\nline.txt", b"not-utf8-\xff\xfe.jpg", b"tab\tand\x01control", b"back\\slash",
             b" leading and trailing ", b"-rf", b"quote\"'`$HOME;|&", b"\xe2\x80\xaertl.txt",
             b"con", b"nul.txt", b"a:b", b"x.", b"R\xc3\xb6ntgen.png", b"Ro\xcc\x88ntgen.png",
             b"CASE.txt", b"case.txt", b"n" * 255, b"\xff" * 255, b"~", b"~copy", b"%00", b"x~1")

    def test_odd_names(self):
        def fill(root):
            for i, name in enumerate(self.NAMES):
                write(root, b"O/Odd/" + name, b"content %d" % i)
                os.makedirs(root + b"/D/" + name)
                write(root, b"D/" + name + b"/inside", b"inside %d" % i)

        a, b = self.cluster(2, fill)
        expected = tree(a.root)
        self.assertEqual(len(self.NAMES),
                         sum(1 for path in expected if path.startswith(b"O/Odd/")))
        # Changed, moved and deleted under such names too, from the other side.
        for i, name in enumerate(self.NAMES):
            if i % 3 == 0:
                write(b.root, b"O/Odd/" + name, b"edited %d" % i)
            elif i % 3 == 1:
                os.rename(b.root + b"/O/Odd/" + name, b.root + b"/D/" + name + b"/moved")
            else:
                os.unlink(b.root + b"/O/Odd/" + name)
        expected = tree(b.root)
        self.wait_equal(a, b, expected=expected)
        # Names that differ in case only are worth a look; nothing else is.
        for replica in (a, b):
            for conflict in replica.conflicts():
                self.assertEqual("case", conflict["kind"], conflict)

    def test_reports_with_odd_names_stay_in_their_lines(self):
        name = b"O/new\nline-\xff.txt"
        a, b = self.cluster(2, lambda root: write(root, name, b"1"))
        write(a.root, name, b"22")
        self.wait_equal(a, b)
        answer = b.ok("history", name)
        self.assertIn("1 bytes", answer.out)
        b.ok("restore", name)
        self.wait_equal(a, b)
        self.assertEqual(b"1", read(a.root, name))
        text = a.ok("explain", name).out
        self.assertIn("\\x0a", text.lower())
        self.assertNotIn("new\nline", text)
        report = a.json("explain", name)
        self.assertEqual(name.hex(), report["path_raw"])

    def test_deep_paths(self):
        names = [b"%02d-" % i + b"deep" * 50 for i in range(22)]
        self.assertGreater(sum(len(n) + 1 for n in names), 4096)

        def fill(root):
            fd = make_deep(root, names)
            with open(os.open(b"bottom.txt", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd),
                      "wb") as file:
                file.write(b"at the bottom")
            os.close(fd)

        a, b = self.cluster(2, fill)
        bottom = b"/".join(names) + b"/bottom.txt"
        self.assertIn(bottom, tree(b.root))
        # The system takes no such long name for a watch: said, polled, and found by a resync.
        self.assertEqual("mixed", b.status()["watching"]["mode"])
        self.assertGreater(b.status()["watching"]["unwatched"], 0)
        fd = make_deep(b.root, names)
        with open(os.open(b"second.txt", os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=fd), "wb") as file:
            file.write(b"second")
        os.unlink(b"bottom.txt", dir_fd=fd)
        os.close(fd)
        report = b.json("resync", rc=1)
        self.assertEqual(["deleted", "new"], sorted(
            d["what"] for d in report["differences"] if d["where"] == "folder"))
        found = self.wait_equal(a, b)
        self.assertNotIn(bottom, found)
        self.assertIn(b"/".join(names) + b"/second.txt", found)

    def test_empty_files_and_folders(self):
        def fill(root):
            for i in range(20):
                write(root, b"E/Empty/%d" % i, b"", 1_500_000_000_000_000_000 + i)
                os.makedirs(root + b"/F/%d/g" % i)

        a, b = self.cluster(2, fill)
        found = tree(b.root)
        self.assertEqual(20, sum(1 for e in found.values() if e[0] == "file"))
        self.assertIn(b"F/7/g", found)
        write(a.root, b"E/Empty/7", b"no more")
        write(a.root, b"E/Full", b"full")
        self.wait_equal(a, b)
        write(b.root, b"E/Full", b"")
        self.wait_equal(a, b)
        self.assertEqual(b"", read(a.root, b"E/Full"))
        self.assert_no_conflicts(a, b)


def write_sparse(root, path, size, seed=1):
    """Mostly holes, with random bytes here and there."""
    rng = random.Random(seed)
    os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
    with open(os.path.join(root, path), "wb") as file:
        file.truncate(size)
        for _ in range(size // 3_000_000):
            file.seek(rng.randrange(size - 200_000))
            file.write(rng.randbytes(200_000))


class LargeTest(ClusterTest):

    def test_300_megabytes_in_bounded_memory(self):
        a, b = self.cluster(2)
        write_sparse(a.root, b"L/Large/volume.dcm", 300_000_000)
        self.wait_equal(a, b, timeout_s=200)
        with open(b.root + b"/L/Large/volume.dcm", "rb") as file:
            self.assertEqual(300_000_000, os.fstat(file.fileno()).st_size)
        for replica in (a, b):
            self.assertLess(replica.peak_memory_bytes(), 300 << 20, replica.name)

    def test_goes_on_at_the_chunk(self):
        size = 160 << 20
        a, b = self.cluster(2)
        staging = os.path.join(b.root, b".atozsync/staging")

        def staged():
            total = 0
            for name in os.listdir(staging):
                try:
                    total += os.stat(os.path.join(staging, name)).st_blocks * 512
                except FileNotFoundError:
                    pass
            return total

        write(a.root, b"L/Large/volume.dcm", os.urandom(size))
        poll(lambda: staged() > size * 2 // 5 or os.path.exists(b.root + b"/L/Large/volume.dcm"),
             "a good part is there", pause_s=0.001)
        b.kill9()
        self.assertIsNone(read(b.root, b"L/Large/volume.dcm"), "it was killed in the middle")
        had = staged()
        b.start()
        self.wait_equal(a, b, timeout_s=200)
        received = b.peer(a)["received_bytes"]
        # What was written just before the end may be fetched again.
        self.assertLess(received, size - had // 2)
        with open(b.root + b"/L/Large/volume.dcm", "rb") as left:
            with open(a.root + b"/L/Large/volume.dcm", "rb") as right:
                self.assertEqual(hash_of(left.fileno()), hash_of(right.fileno()))

    def test_connection_lost_in_the_middle(self):
        size = 160 << 20
        a, b = self.cluster(2)
        write(a.root, b"L/Large/volume.dcm", os.urandom(size))
        poll(lambda: b.peer(a)["received_bytes"] > size // 4 or
             os.path.exists(b.root + b"/L/Large/volume.dcm"), "a part is there", pause_s=0.001)
        received_before = b.peer(a)["received_bytes"]
        a.kill9()
        a.start()
        self.wait_equal(a, b, timeout_s=200)
        # The same agent received all the time: hardly more than the file in all.
        self.assertLess(b.peer(a)["received_bytes"], size + max(40 << 20, received_before // 2))


class CopiesTest(ClusterTest):

    def test_many_copies_of_one_content_travel_once(self):
        content = os.urandom(50_000)

        def fill(root):
            for i in range(200):
                write(root, b"C/Copies%d/%03d.jpg" % (i % 7, i), content)

        a, b = self.cluster(2, fill)
        self.assertEqual(200, b.status()["files"])
        self.assertLess(b.peer(a)["received_bytes"], 1_000_000)


class ManySlow(ClusterTest):

    def test_ten_thousand_files_in_one_folder(self):
        def fill(root):
            for i in range(10_000):
                write(root, b"M/Many/%05d.txt" % i, b"%d" % i)

        a, b = self.cluster(2, fill)
        for i in range(0, 10_000, 2):
            os.unlink(b.root + b"/M/Many/%05d.txt" % i)
        found = self.wait_equal(a, b, timeout_s=200)
        self.assertEqual(5_002, len(found))


if __name__ == "__main__":
    unittest.main()
