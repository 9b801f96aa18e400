"""What all people of a storm wrote, and what they took away with their own hands.

A content is *allowed* from before it can be seen; *owed* once it was closed under a final name;
*released* when a person took it away or wrote over it where he saw it. Whatever is owed and not
released has to be somewhere at the end. Contents are told apart by their hash: nobody writes the
same twice.

Files that are written in place pass through states that nobody wrote as a whole. The states at
which the writer pauses are allowed; for the moments in between, the ledger knows which inode was
being written when. Thread-safe.
"""

import hashlib
import os
import threading
import time


def sha(content):
    return hashlib.sha256(content).hexdigest()


class Ledger:

    def __init__(self):
        self._lock = threading.Lock()
        self._began = time.monotonic()
        self.allowed = {sha(b"")}  # a program that empties a file before it writes
        self.owed = {}  # hash → who closed it where
        self.released = {}
        self.actions = []  # lines for a person, with times
        self._being_written = {}  # (device, inode) → [[from, until or None]]

    def note(self, who, text):
        with self._lock:
            self.actions.append(f"{time.monotonic() - self._began:8.3f} {who}: {text}")

    def allow(self, content):
        with self._lock:
            self.allowed.add(sha(content))

    def owe(self, content, why):
        with self._lock:
            self.allowed.add(sha(content))
            self.owed[sha(content)] = why

    def release(self, content, why):
        with self._lock:
            self.released[sha(content)] = why

    def lost(self, found):
        """The owed contents that are not among `found`, with what is known of them."""
        with self._lock:
            return {h: why for h, why in self.owed.items()
                    if h not in found and h not in self.released}

    def writing(self, descriptor):
        """While the `with` block runs, this file is written in place."""
        return _Writing(self, descriptor)

    def is_written(self, stat):
        with self._lock:
            spans = self._being_written.get((stat.st_dev, stat.st_ino), ())
            return any(span[1] is None for span in spans)

    def anything_written(self, device):
        """Some file of this volume is being written in place."""
        with self._lock:
            return any(span[1] is None for (dev, _), spans in self._being_written.items()
                       if dev == device for span in spans)

    def allows(self, stat, digest, since):
        """Was this read a whole content, or was the file being written after `since`?"""
        with self._lock:
            if digest in self.allowed:
                return True
            spans = self._being_written.get((stat.st_dev, stat.st_ino), ())
            return any(span[1] is None or span[1] >= since for span in spans)

    def begin(self, key):
        with self._lock:
            span = [time.monotonic(), None]
            self._being_written.setdefault(key, []).append(span)
            return span

    def end(self, span):
        with self._lock:
            span[1] = time.monotonic()


class _Writing:

    def __init__(self, ledger, descriptor):
        stat = os.fstat(descriptor)
        self._ledger = ledger
        self._key = (stat.st_dev, stat.st_ino)

    def __enter__(self):
        self._span = self._ledger.begin(self._key)

    def __exit__(self, *_):
        self._ledger.end(self._span)
