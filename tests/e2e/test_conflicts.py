"""Edits on two sides at once: what wins, what is kept, what people see and decide."""

import csv
import hashlib
import io
import os
import unittest

from cluster import ClusterTest, poll
from folder import contents_anywhere, read, tree, write

PATH = b"S/SmithJohn12/letter, \"first\".txt"
TEXT = os.fsdecode(PATH)


def sha(content):
    return hashlib.sha256(content).hexdigest()


class ConflictTest(ClusterTest):

    def apart(self, at_a, at_b, replicas=2, fill=None):
        """Runs `at_a(root)` and `at_b(root)` while neither sees the other; then waits."""
        def default(root):
            write(root, PATH, b"before")

        made = self.cluster(replicas, fill or default)
        a, b = made[:2]
        for replica in made:
            replica.stop()
        at_a(a.root)
        at_b(b.root)
        # One after the other: each takes its own change for new before it hears of the other's.
        for replica in (a, b):
            replica.start()
            poll(lambda: replica.status()["state"] == "idle", "scanned")
            replica.stop()
        for replica in made:
            replica.start()
        self.wait_equal(*made)
        return made

    def edits(self, replicas=2):
        return self.apart(lambda root: write(root, PATH, b"edited at a"),
                          lambda root: write(root, PATH, b"edited at b"), replicas)

    def only(self, replica):
        conflicts = replica.conflicts()
        self.assertEqual(1, len(conflicts), conflicts)
        return conflicts[0]

    def test_edit_edit_on_three_replicas(self):
        replicas = self.edits(3)
        winner = read(replicas[0].root, PATH)
        loser = {b"edited at a": b"edited at b", b"edited at b": b"edited at a"}[winner]
        seen = []
        for replica in replicas:
            self.assertEqual(1, replica.cmd("conflicts").rc)
            self.assertEqual(1, replica.cmd("conflicts", "list").rc)
            self.assertEqual(1, replica.status()["conflicts_open"])
            conflict = self.only(replica)
            self.assertEqual((TEXT, "edit-edit", "open"),
                             (conflict["path"], conflict["kind"], conflict["state"]))
            self.assertRegex(conflict["detected"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
            self.assertTrue(conflict["rule"])
            self.assertEqual({"a", "b"}, {conflict["winner"]["replica"],
                                          conflict["loser"]["replica"]})
            self.assertEqual(len(loser), conflict["loser"]["size"])
            for side in ("winner", "loser"):
                self.assertLessEqual({"replica", "hash", "size", "mtime"}, conflict[side].keys())
            kept = conflict["loser"].pop("kept_at")
            if kept is not None:
                self.assertEqual(loser, read(replica.root, os.fsencode(kept)))
                self.assertTrue(kept.startswith(".atozsync/"), kept)
            seen.append((conflict["id"], conflict["winner"], conflict["loser"], kept is not None))
            # Nothing of ours in a patient's folder.
            self.assertEqual([os.path.basename(PATH)], os.listdir(replica.root + b"/S/SmithJohn12"))
        self.assertEqual(1, len({entry[0] for entry in seen}), "the same id everywhere")
        self.assertTrue(all(entry[1:3] == seen[0][1:3] for entry in seen), seen)
        self.assertTrue(any(entry[3] for entry in seen), "the loser's bytes are kept")

    def test_show_by_the_beginning_of_the_id(self):
        a, _ = self.edits()
        conflict = self.only(a)
        shown = a.ok("conflicts", "show", conflict["id"][:8])
        self.assertIn("letter", shown.out)
        self.assertIn("edit-edit", shown.out)
        self.assertEqual(conflict, a.json("conflicts", "show", conflict["id"]))
        self.assertEqual(2, a.cmd("conflicts", "show", "ffffffffffffffffff").rc)

    def resolve(self, keep):
        a, b = self.edits()
        conflict = self.only(a)
        content = read(a.root, PATH)
        other = {b"edited at a": b"edited at b", b"edited at b": b"edited at a"}[content]
        a.ok("conflicts", "resolve", conflict["id"], "--keep", keep)
        self.wait_equal(a, b)
        for replica in (a, b):
            self.assertEqual(0, replica.cmd("conflicts").rc, replica.name)
            self.assertEqual(0, replica.status()["conflicts_open"])
            self.assertEqual("kept-" + keep, self.only(replica)["state"])
        # Deciding it twice is an error, not a second version.
        self.assertNotEqual(0, b.cmd("conflicts", "resolve", conflict["id"], "--keep", keep).rc)
        everything = contents_anywhere(a.root) | contents_anywhere(b.root)
        self.assertLessEqual({sha(content), sha(other)}, everything, "nothing is lost")
        return a, b, content, other

    def test_keep_winner(self):
        a, b, winner, _ = self.resolve("winner")
        self.assertEqual([winner, winner], [read(r.root, PATH) for r in (a, b)])

    def test_keep_loser(self):
        a, b, _, loser = self.resolve("loser")
        self.assertEqual([loser, loser], [read(r.root, PATH) for r in (a, b)])

    def test_keep_both(self):
        a, b, winner, loser = self.resolve("both")
        for replica in (a, b):
            self.assertEqual(winner, read(replica.root, PATH))
            folder = replica.root + b"/S/SmithJohn12/"
            self.assertEqual(sorted([winner, loser]),
                             sorted(read(folder, name) for name in os.listdir(folder)))

    def test_loser_decided_on_the_other_replica(self):
        a, b = self.edits()
        winner = self.only(a)["winner"]["replica"]
        there = b if winner == "a" else a
        loser = b"edited at b" if winner == "a" else b"edited at a"
        there.ok("conflicts", "resolve", self.only(there)["id"], "--keep", "loser")
        self.wait_equal(a, b)
        self.assertEqual([loser, loser], [read(r.root, PATH) for r in (a, b)])

    def test_export(self):
        a, b = self.edits()
        conflict = self.only(a)
        self.assertEqual([conflict], a.ok("conflicts", "export", "--format", "json").json())
        rows = list(csv.DictReader(io.StringIO(
            a.ok("conflicts", "export", "--format", "csv").out.lstrip("\ufeff"), newline="")))
        self.assertEqual(1, len(rows))
        self.assertEqual((conflict["id"], TEXT, "edit-edit", "open"),
                         tuple(rows[0][key] for key in ("id", "path", "kind", "state")))
        target = os.path.join(self.temp, b"report.html")
        a.ok("conflicts", "export", "--format", "html", "--output", target)
        html = read(self.temp, b"report.html").decode()
        self.assertIn("letter, &quot;first&quot;.txt", html)
        self.assertTrue(html.lower().startswith("<!doctype html>"))
        self.assertEqual(0o600, os.stat(target).st_mode & 0o777, "it names patients")

    def edit_against_delete(self, editor):
        def edit(root):
            write(root, PATH, b"edited")

        def delete(root):
            os.unlink(os.path.join(root, PATH))

        a, b = self.apart(*((edit, delete) if editor == "a" else (delete, edit)))
        self.assertEqual([b"edited", b"edited"], [read(r.root, PATH) for r in (a, b)])
        for replica in (a, b):
            conflict = self.only(replica)
            self.assertEqual(("edit-delete", "open", editor),
                             (conflict["kind"], conflict["state"], conflict["winner"]["replica"]))
            self.assertEqual(1, replica.cmd("conflicts").rc)
        self.assertEqual(self.only(a)["id"], self.only(b)["id"])
        # A person says: it really was to go.
        a.ok("conflicts", "resolve", self.only(a)["id"], "--keep", "loser")
        self.wait_equal(a, b)
        self.assertIsNone(read(a.root, PATH))

    def test_edit_before_delete_stays(self):
        self.edit_against_delete("a")

    def test_edit_after_delete_stays(self):
        self.edit_against_delete("b")

    def test_create_create(self):
        a, b = self.apart(lambda root: write(root, b"new.txt", b"new at a"),
                          lambda root: write(root, b"new.txt", b"new at b"))
        self.assertEqual("create-create", self.only(a)["kind"])
        self.assertEqual(self.only(a)["id"], self.only(b)["id"])
        everything = contents_anywhere(a.root) | contents_anywhere(b.root)
        self.assertLessEqual({sha(b"new at a"), sha(b"new at b")}, everything)

    def test_type(self):
        a, b = self.apart(lambda root: write(root, b"S/thing", b"a file"),
                          lambda root: write(root, b"S/thing/inside.txt", b"a folder"))
        self.assertEqual("type", self.only(a)["kind"])
        self.assertEqual(self.only(a)["id"], self.only(b)["id"])
        everything = contents_anywhere(a.root) | contents_anywhere(b.root)
        self.assertLessEqual({sha(b"a file"), sha(b"a folder")}, everything)

    def test_rename_against_edit_loses_nothing(self):
        a, b = self.apart(
            lambda root: os.rename(os.path.join(root, PATH), os.path.join(root, b"S/moved.txt")),
            lambda root: write(root, PATH, b"edited at b"))
        self.assertEqual(b"before", read(a.root, b"S/moved.txt"))
        self.assertEqual(b"edited at b", read(a.root, PATH))
        self.assertEqual("edit-delete", self.only(b)["kind"])

    def test_folder_deleted_against_new_file_in_it(self):
        def delete(root):
            os.unlink(os.path.join(root, PATH))
            os.rmdir(os.path.join(root, b"S/SmithJohn12"))

        a, b = self.apart(delete, lambda root: write(root, b"S/SmithJohn12/new.txt", b"new"))
        self.assertEqual(b"new", read(a.root, b"S/SmithJohn12/new.txt"))
        self.assertNotIn(PATH, tree(a.root))

    def test_restart_does_not_repeat_or_forget(self):
        a, b = self.edits()
        before = [c["id"] for c in a.conflicts()]
        for replica in (a, b):
            replica.kill9()
        for replica in (a, b):
            replica.start()
        self.wait_equal(a, b)
        self.assertEqual([before, before], [[c["id"] for c in r.conflicts()] for r in (a, b)])


if __name__ == "__main__":
    unittest.main()
