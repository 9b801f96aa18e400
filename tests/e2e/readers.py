"""Programs that only read while a storm goes on, and what they may never see."""

import hashlib
import os
import threading
import time

from folder import walk
from renaming import put

VISITED = b"Visited/chart.jpg"


class Reader(threading.Thread):
    """Looks again and again until `end` is set; `wrong` holds what it must not have seen."""

    def __init__(self, desk, ledger, end):
        super().__init__(daemon=True)
        self.desk = desk
        self.ledger = ledger
        self.end = end
        self.looks = 0
        self.wrong = []
        self.problem = None

    def run(self):
        try:
            while not self.end.wait(self.pause_s):
                with self.desk.lock:
                    self.look()
                self.looks += 1
        except Exception as problem:
            self.problem = problem

    def see_wrong(self, text):
        self.ledger.note(f"reader at {self.desk.replica.name}", text)
        self.wrong.append(f"{self.desk.replica.name}: {text}")


class WholeReader(Reader):
    """Every file, at every moment, is a whole content that somebody wrote."""

    pause_s = 0.03

    def __init__(self, *args):
        super().__init__(*args)
        self._seen = set()

    def look(self):
        for path, stat, fd, name in walk(self.desk.root):
            key = (path, stat.st_ino, stat.st_ctime_ns, stat.st_size)
            if not os.path.stat.S_ISREG(stat.st_mode) or key in self._seen:
                continue
            since = time.monotonic()
            try:
                handle = os.open(name, os.O_RDONLY, dir_fd=fd)
            except FileNotFoundError:
                continue
            try:
                digest = hashlib.sha256()
                while piece := os.read(handle, 1 << 20):
                    digest.update(piece)
                if not self.ledger.allows(os.fstat(handle), digest.hexdigest(), since):
                    self.see_wrong(f"{path!r}: {os.fstat(handle).st_size} bytes nobody wrote")
            finally:
                os.close(handle)
            self._seen.add(key)


class VisitedEditor(Reader):
    """Replaces one file again and again; it is never without its name."""

    pause_s = 0.06

    def __init__(self, *args):
        super().__init__(*args)
        self._number = 0

    def look(self):
        self._number += 1
        content = b"visit %d\n" % self._number + os.urandom((self._number % 7) * 9000)
        name = self.desk.new_name()
        self.ledger.allow(content)
        try:
            with open(name, "wb") as file:
                file.write(content)
            self.ledger.owe(content, "the editor of the visited file")
            put(name, os.path.join(self.desk.root, VISITED))
            with open(name, "rb") as file:
                self.ledger.release(file.read(), "replaced by the next visit")
            os.unlink(name)
        except OSError:  # a full disk: what was written did not get to its place
            self.ledger.release(content, "did not get to its place")


class VisitedReader(Reader):
    """The visited file is there at every moment, and whole, however often it is replaced."""

    pause_s = 0.002

    def look(self):
        path = os.path.join(self.desk.root, VISITED)
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError as error:
            self.see_wrong(f"{VISITED!r}: {error.strerror}")
            return
        if hashlib.sha256(content).hexdigest() not in self.ledger.allowed:
            self.see_wrong(f"{VISITED!r}: {len(content)} bytes that nobody wrote")
