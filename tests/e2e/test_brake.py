"""The brake: what is deleted or encrypted by the hundred stays at the machine where it happened."""

import os
import shutil

from cluster import ClusterTest, poll
from folder import read, tree, write

FILES = 60
JPEG = b"\xff\xd8\xff\xe0 picture "


def fill(root):
    for folder in (b"A/Abe1", b"B/Bo2", b"C/Cy3"):
        for i in range(FILES // 3):
            write(root, folder + b"/%d.jpg" % i, JPEG + folder + b" %d" % i,
                  1_500_000_000_000_000_000 + i)


class BrakeTest(ClusterTest):

    def replica_with_a_small_limit(self, name):
        replica = self.replica(name)
        plain = replica.init

        def init(*more):
            plain(*more)
            replica.edit_config(r'share = "off"', 'share = "5%"')
            replica.edit_config(r"files = 100", "files = 6")
            return replica

        replica.init = init
        return replica

    def setUp(self):
        super().setUp()
        self.a, self.b = self.cluster(2, fill, make=self.replica_with_a_small_limit)
        self.before = tree(self.a.root)

    def until_braked(self, files):
        poll(lambda: self.a.status()["held"]["brake"] == files, f"{files} files are held")
        self.assertEqual("braked", self.a.status()["state"])
        self.assertFalse(self.a.status()["in_sync"])

    def until_off(self):
        poll(lambda: self.a.status()["state"] == "idle", "the brake is off")
        self.assertEqual(0, self.a.status()["held"]["brake"])
        self.assertEqual([], self.a.json("held"))

    def test_a_third_of_the_folder_is_deleted(self):
        shutil.rmtree(os.path.join(self.a.root, b"B"))
        self.until_braked(FILES // 3)
        self.assertEqual(self.before, tree(self.b.root))
        held = self.a.json("held", rc=1)
        self.assertEqual(FILES // 3, len(held))
        self.assertEqual({"brake"}, {entry["why"] for entry in held})
        status = self.a.ok("status").out
        self.assertIn("STOPPED BY THE BRAKE: 20 files", status)
        listed = self.a.ok("held", rc=1).out
        self.assertIn("mass change", listed)
        self.assertIn("B/Bo2/7.jpg", listed)
        self.assertIn("you decide", listed)
        # Everything else goes on, and a restart changes nothing.
        write(self.b.root, b"A/Abe1/new.jpg", JPEG + b"new")
        poll(lambda: os.path.exists(os.path.join(self.a.root, b"A/Abe1/new.jpg")), "it arrives")
        self.a.stop()
        self.a.start()
        self.until_braked(FILES // 3)
        # One is let go, the rest comes back as it was.
        self.a.ok("held", "release", "B/Bo2/7.jpg")
        poll(lambda: not os.path.exists(os.path.join(self.b.root, b"B/Bo2/7.jpg")), "it goes")
        self.a.ok("held", "revert", ".")
        self.until_off()
        self.wait_equal(self.a, self.b)
        after = tree(self.a.root)
        self.assertNotIn(b"B/Bo2/7.jpg", after)
        for path, entry in self.before.items():
            if path != b"B/Bo2/7.jpg" and entry[0] == "file":
                self.assertEqual(entry, after[path], path)
        self.assert_no_conflicts(self.a, self.b)

    def test_all_files_are_encrypted(self):
        for path, entry in self.before.items():
            if entry[0] == "file":
                write(self.a.root, path, b"Salted__" + path)
        self.until_braked(FILES)
        self.assertEqual(self.before, tree(self.b.root))
        self.a.ok("held", "revert", ".")
        self.until_off()
        self.wait_equal(self.a, self.b, expected=self.before)
        # What it was rewritten into is kept.
        history = self.a.json("history", "A/Abe1/3.jpg")
        kept = [version for version in history if version["id"] != "live"]
        self.assertEqual(1, len(kept), history)

    def test_released_it_goes_everywhere(self):
        shutil.rmtree(os.path.join(self.a.root, b"C"))
        self.until_braked(FILES // 3)
        self.a.ok("held", "release", ".")
        self.until_off()
        self.wait_equal(self.a, self.b)
        self.assertFalse(os.path.exists(os.path.join(self.b.root, b"C")))

    def test_a_folder_that_is_moved_is_not_held(self):
        os.rename(os.path.join(self.a.root, b"B/Bo2"), os.path.join(self.a.root, b"B/Bow2"))
        self.wait_equal(self.a, self.b)
        self.assertEqual(JPEG + b"B/Bo2 3", read(self.b.root, b"B/Bow2/3.jpg"))
        self.assertEqual(0, self.a.status()["held"]["brake"])


if __name__ == "__main__":
    import unittest
    unittest.main()
