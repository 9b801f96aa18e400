"""An index of an earlier program, and one of a later: nothing is lost, and nothing begins anew."""

import os
import sqlite3

from cluster import ClusterTest
from folder import read, tree, write


class UpgradeTest(ClusterTest):

    def pair(self):
        a, b = self.cluster(2)
        write(a.root, b"S/Smith/x.jpg", b"one")
        write(b.root, b"S/Smith/y.jpg", b"two")
        self.wait_equal(a, b)
        return a, b

    def index(self, replica, sql):
        """Runs SQL on the index of a replica whose agent has ended."""
        with sqlite3.connect(os.path.join(replica.state, b"index.db")) as db:
            rows = db.execute(sql).fetchall()
        db.close()
        return rows

    def format(self, replica):
        return self.index(replica, "PRAGMA user_version")[0][0]

    def test_an_older_program_refuses_and_loses_nothing(self):
        a, b = self.pair()
        a.stop()
        current = self.format(a)
        self.index(a, f"PRAGMA user_version = {current + 1}")
        index = read(a.state, b"index.db")
        folder = tree(a.root)
        write(b.root, b"S/Smith/later.jpg", b"three")
        for _ in range(2):
            answer = a.cmd("run")
            self.assertEqual(5, answer.rc, answer)
            self.assertIn("newer atozsync", answer.err)
            self.assertIn("install that version again", answer.err)
        self.assertEqual(index, read(a.state, b"index.db"))
        self.assertEqual(folder, tree(a.root))
        self.assertEqual([], [name for name in os.listdir(a.state) if b"index.db." in name],
                         "it was not set aside")
        # The newer program again: it goes on where it was.
        self.index(a, f"PRAGMA user_version = {current}")
        a.start()
        a.wait()
        self.assertEqual(b"three", read(a.root, b"S/Smith/later.jpg"))
        self.assertEqual([], a.conflicts())

    def test_an_index_of_before_is_taken_over_beside_a_peer_of_now(self):
        a, b = self.pair()
        a.stop()
        rows = self.index(a, "SELECT count(*), max(sequence) FROM entries")
        self.index(a, "DROP TABLE gate")
        current = self.format(a)
        self.index(a, f"PRAGMA user_version = {current - 1}")
        os.remove(os.path.join(a.root, b"S/Smith/y.jpg"))  # while it was being upgraded
        a.start()
        self.wait_equal(a, b)
        self.assertFalse(os.path.exists(os.path.join(b.root, b"S/Smith/y.jpg")),
                         "the index still knew the file: it was deleted here")
        self.assertEqual([], b.conflicts())
        self.assertEqual(0, a.peer(b)["received_bytes"], "nothing was carried again")
        a.stop()
        self.assertEqual(current, self.format(a))
        self.assertLessEqual(rows[0][1], self.index(a, "SELECT max(sequence) FROM entries")[0][0])
