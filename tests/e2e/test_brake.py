"""The brake: what is deleted or encrypted by the hundred stays at the machine where it happened."""

import os
import shutil

from cluster import ClusterTest, poll
from folder import read, tree, write

FILES = 60
LIMIT = 6
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
            replica.edit_config(r"files = 100", f"files = {LIMIT}")
            return replica

        replica.init = init
        return replica

    def setUp(self):
        super().setUp()
        self.a, self.b = self.cluster(2, fill, make=self.replica_with_a_small_limit)
        self.wait_equal(self.a, self.b)
        self.before = tree(self.a.root)

    def until_braked(self, files, leaked_most=LIMIT):
        """How many are held: of those that go one by one, the first ones may have been told."""
        def held():
            status = self.a.status()
            return status["held"]["brake"] if status["state"] == "braked" else 0
        poll(lambda: files - leaked_most <= held() <= files and self.a.status()["to_hash"] == 0,
             f"{files} files are held")
        self.assertFalse(self.a.status()["in_sync"])
        return held()

    def until_off(self):
        poll(lambda: self.a.status()["state"] == "idle", "the brake is off")
        self.assertEqual(0, self.a.status()["held"]["brake"])
        self.assertEqual([], self.a.json("held"))

    def test_a_third_of_the_folder_is_deleted(self):
        shutil.rmtree(os.path.join(self.a.root, b"B"))
        count = self.until_braked(FILES // 3)
        self.assertGreaterEqual(len(tree(self.b.root)), len(self.before) - LIMIT)
        held = self.a.json("held", rc=1)
        self.assertEqual(count, len(held))
        self.assertEqual({"brake"}, {entry["why"] for entry in held})
        self.assertIn(f"STOPPED BY THE BRAKE: {count} files", self.a.ok("status").out)
        listed = self.a.ok("held", rc=1).out
        self.assertIn("mass change", listed)
        released = held[0]["path"]
        self.assertIn(released, listed)
        self.assertIn("you decide", listed)
        # Everything else goes on, and a restart changes nothing.
        write(self.b.root, b"A/Abe1/new.jpg", JPEG + b"new")
        poll(lambda: os.path.exists(os.path.join(self.a.root, b"A/Abe1/new.jpg")), "it arrives")
        self.a.stop()
        self.a.start()
        self.assertEqual(count, self.until_braked(count, leaked_most=0))
        # One is let go, the rest comes back as it was.
        self.a.ok("held", "release", released)
        poll(lambda: not os.path.exists(os.path.join(self.b.root, released.encode())), "it goes")
        self.a.ok("held", "revert", ".")
        self.until_off()
        self.wait_equal(self.a, self.b)
        after = tree(self.a.root)
        for entry in held:
            path = entry["path"].encode()
            if entry["path"] == released:
                self.assertNotIn(path, after)
            else:
                self.assertEqual(self.before[path], after[path], path)
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
        history = self.a.json("history", "A/Abe1/3.jpg")["versions"]
        kept = [version for version in history if version["version"] != "live"]
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
