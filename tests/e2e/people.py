"""People who work in the folders of a storm, each on one replica, from a seed.

Several of them share a Desk: the folder of their replica, open or closed (a volume that is not
mounted has no folder to work in). One acts at a time at a desk, so that each knows what he takes
away; writing slowly and holding files open happens while others go on.
"""

import errno
import os
import random
import threading
import time

from folder import OWN
from handiwork import HandiworkMixin
from inplace import InPlaceMixin

PATIENTS = [b"%c/%s%d" % (name[0], name, i) for i, name in
            enumerate((b"Adams", b"Baker", b"Clark", b"Davis", b"Evans"), 1)]
NAMES = [b"scan%d.jpg" % i for i in range(4)] + [b"Letter.txt", b"note.txt", b"Exam/plan.txt"]
# What people may run into, and what a full disk says. EINVAL: a folder does not go into itself.
EXPECTED = (errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.EINVAL,
            errno.ENOSPC)


class Desk:
    """The folder of one replica, and a place on the same volume beside it."""

    def __init__(self, replica):
        self.replica = replica
        self.root = replica.root
        self.aside = os.path.join(os.path.dirname(replica.root), b"aside")
        self.lock = threading.RLock()  # whoever holds it may count on the volume being there
        self._numbers = 0
        os.makedirs(self.aside, exist_ok=True)

    def new_name(self):
        with self.lock:
            self._numbers += 1
            return os.path.join(self.aside, b"%d" % self._numbers)


class Person(HandiworkMixin, InPlaceMixin, threading.Thread):
    """Acts until `end` is set."""

    def __init__(self, desk, ledger, seed, number, end):
        super().__init__(daemon=True)
        self.desk = desk
        self.ledger = ledger
        self.rng = random.Random(f"{seed} {desk.replica.name} {number}")
        self.me = f"{desk.replica.name}{number}"
        self.problem = None
        self._end = end
        self._written = 0

    def run(self):
        actions, weights = zip(*self.habits())
        while not self._end.wait(self.rng.random() * 0.08):
            action = self.rng.choices(actions, weights)[0]
            try:
                action()
            except OSError as error:
                if error.errno not in EXPECTED:
                    self.problem = error
                    return
                self.note(f"{action.__name__}: {error.strerror}")
            except Exception as problem:
                self.problem = problem
                return

    def habits(self):
        return ((self.save_by_exchange, 8), (self.save_by_rename, 8), (self.create, 8),
                (self.copy_with_old_time, 2), (self.rename_file, 5), (self.move_onto, 2),
                (self.delete_file, 5), (self.swap_names, 2), (self.change_letter_case, 2),
                (self.touch, 3), (self.rename_folder, 1), (self.delete_folder, 1),
                (self.make_folder, 1), (self.edit_in_place, 6), (self.write_anew, 4),
                (self.append_slowly, 3), (self.hold_open, 2))

    def note(self, text):
        self.ledger.note(self.me, text)

    def pause(self, seconds):
        time.sleep(seconds)  # a person's pace, nothing is waited for

    def content(self, size_max=120_000):
        """One that nobody wrote before."""
        self._written += 1
        size = self.rng.choice((0, 30, 5_000, self.rng.randrange(size_max)))
        return b"%s wrote %d\n" % (self.me.encode(), self._written) + self.rng.randbytes(size)

    def full(self, path):
        return os.path.join(self.desk.root, path)

    def any_path(self):
        return self.rng.choice(PATIENTS) + b"/" + self.rng.choice(NAMES)

    def an_existing_file(self):
        """A path, mostly of a file that is there."""
        found = []
        for directory, folders, names in os.walk(self.desk.root):
            folders[:] = [f for f in folders if f not in (OWN, b"Visited")]
            found += [os.path.relpath(os.path.join(directory, name), self.desk.root)
                      for name in names]
        return self.rng.choice(sorted(found)) if found else self.any_path()
