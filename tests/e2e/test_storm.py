"""People work on all replicas at once while agents die: at the end all is equal, nothing is lost.

What a person takes out of the folder is moved aside and looked at, so that every content is known
to be either thrown away by somebody who had it before his eyes, or still owed to us.
"""

import hashlib
import os
import random
import threading
import time
import unittest

from cluster import ClusterTest
from folder import contents_anywhere, hash_of, tree

FOLDERS = [b"P/P%d" % i for i in range(6)]
NAMES = [b"f%d.txt" % i for i in range(8)]


class Person(threading.Thread):
    """Creates, replaces, renames and deletes files of one replica; replaces nothing unseen."""

    def __init__(self, replica, number, operations):
        super().__init__(daemon=True)
        self.written = set()
        self.thrown_away = set()
        self.problem = None
        self._replica = replica
        self._rng = random.Random(number)
        self._operations = operations
        self._aside = os.path.join(replica.home, b"aside")
        os.makedirs(self._aside)
        self._count = 0

    def run(self):
        try:
            for _ in range(self._operations):
                self._rng.choice((self._write, self._write, self._write, self._delete,
                                  self._rename))()
                time.sleep(self._rng.random() * 0.02)  # a person's pace, nothing is waited for
        except Exception as problem:
            self.problem = problem

    def _path(self):
        return os.path.join(self._replica.root, self._rng.choice(FOLDERS),
                            self._rng.choice(NAMES))

    def _new_name(self):
        self._count += 1
        return os.path.join(self._aside, b"%d" % self._count)

    def _write(self):
        content = self._rng.randbytes(self._rng.choice((10, 1000, 60_000)))
        fresh = self._new_name()
        with open(fresh, "wb") as file:
            file.write(content)
        self.written.add(hashlib.sha256(content).hexdigest())
        target = self._path()
        self._put(fresh, target)
        os.unlink(fresh)

    def _put(self, source, target):
        while True:
            try:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.link(source, target)
                return
            except FileExistsError:
                self._throw_away(target)
            except FileNotFoundError:
                continue  # the directory went away in this moment

    def _throw_away(self, path, other_name=None):
        """`other_name`: an inode that keeps standing in the folder under another name."""
        aside = self._new_name()
        try:
            os.rename(path, aside)
        except (FileNotFoundError, NotADirectoryError):
            return
        with open(aside, "rb") as file:
            if os.fstat(file.fileno()).st_ino != other_name:
                self.thrown_away.add(hash_of(file.fileno()))

    def _delete(self):
        self._throw_away(self._path())

    def _rename(self):
        source, target = self._path(), self._path()
        try:
            inode = os.stat(source).st_ino
            os.link(source, target)
        except (FileExistsError, FileNotFoundError):
            return
        self._throw_away(source, other_name=inode)


def storm(test, count, operations, kills):
    replicas = test.cluster(count)
    people = [Person(replica, number, operations) for number, replica in enumerate(replicas)]
    rng = random.Random(99)
    for person in people:
        person.start()
    for _ in range(kills):
        replica = rng.choice(replicas)
        replica.kill9()
        people[0].join(rng.random())
        replica.start()
        people[0].join(rng.random())
    for person in people:
        person.join()
        if person.problem is not None:
            raise person.problem
    test.wait_equal(*replicas, timeout_s=150)
    written = set().union(*(person.written for person in people))
    thrown_away = set().union(*(person.thrown_away for person in people))
    live = {entry[1] for entry in tree(replicas[0].root).values() if entry[0] == "file"}
    test.assertEqual(set(), live - written, "only what people wrote")
    kept = set().union(*(contents_anywhere(replica.root) for replica in replicas))
    test.assertEqual(set(), written - thrown_away - kept, "contents that are nowhere any more")
    ids = [sorted((c["id"], c["state"]) for c in replica.conflicts()) for replica in replicas]
    for other in ids[1:]:
        test.assertEqual(ids[0], other, "the same conflicts everywhere")
    # A second look does nothing.
    before = tree(replicas[0].root)
    for replica in replicas:
        test.assertEqual(0, replica.json("resync")["difference_count"])
    test.wait_equal(*replicas, expected=before)


class StormTest(ClusterTest):

    def test_two_replicas_without_accidents(self):
        storm(self, 2, 150, 0)

    def test_three_replicas_and_kills(self):
        storm(self, 3, 150, 5)


class StormSlow(ClusterTest):

    def test_three_replicas_for_a_long_time(self):
        storm(self, 3, 1500, 30)


if __name__ == "__main__":
    unittest.main()
