"""Looking at, changing and comparing synchronized folders. Paths are bytes: names may be anything.

Directories are walked by handles, because paths may be longer than the system takes in one call.
"""

import hashlib
import os
import threading

OWN = b".atozsync"


def write(root, path, content, mtime_ns=None, replace=False):
    """Writes a file below `root`; makes its directories. `replace` writes beside and renames."""
    full = os.path.join(root, path)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    target = os.path.join(root, b".writing~tmp") if replace else full
    with open(target, "wb") as file:
        file.write(content)
    if mtime_ns is not None:
        os.utime(target, ns=(mtime_ns, mtime_ns))
    if replace:
        os.rename(target, full)


def read(root, path):
    """The content, or None where there is no such file."""
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def ignored(path):
    """What the built-in list leaves out, as far as generated folders hold it."""
    parts = path.lower().split(b"/")
    if any(part.startswith((b".", b"~$")) or part.endswith(b".tmp") for part in parts):
        return True
    return parts[-1] in (b"thumbs.db", b"desktop.ini") or parts[2:3] == [b"thumbnails"]


def hash_of(fd):
    digest = hashlib.sha256()
    while piece := os.read(fd, 1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def walk(root):
    """Yields (path, stat, directory handle, name) of everything but our own folder.

    Entries that vanish while they are looked at are left out.
    """
    waiting = [(b"", os.open(root, os.O_RDONLY | os.O_DIRECTORY))]
    try:
        while waiting:
            path, fd = waiting.pop()
            try:
                with os.scandir(fd) as entries:
                    names = sorted(os.fsencode(entry.name) for entry in entries)
                for name in names:
                    if not path and name == OWN:
                        continue
                    below = path + b"/" + name if path else name
                    try:
                        stat = os.stat(name, dir_fd=fd, follow_symlinks=False)
                        if os.path.stat.S_ISDIR(stat.st_mode):
                            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
                            waiting.append((below, os.open(name, flags, dir_fd=fd)))
                    except (FileNotFoundError, NotADirectoryError):
                        continue
                    yield below, stat, fd, name
            finally:
                os.close(fd)
    finally:
        for _, fd in waiting:
            os.close(fd)


def tree(root, everything=False):
    """{path: ("file", sha256, mtime_ns) or ("dir",)} of what is synchronized."""
    found = {}
    for path, stat, fd, name in walk(root):
        if not everything and ignored(path):
            continue
        if os.path.stat.S_ISDIR(stat.st_mode):
            found[path] = ("dir",)
        elif os.path.stat.S_ISREG(stat.st_mode):
            handle = os.open(name, os.O_RDONLY, dir_fd=fd)
            try:
                found[path] = ("file", hash_of(handle), os.fstat(handle).st_mtime_ns)
            finally:
                os.close(handle)
        else:
            found[path] = ("other",)
    return found


def differences(left, right, limit=20):
    """What differs between two trees, as lines for a message."""
    lines = []
    for path in sorted(left.keys() | right.keys()):
        if left.get(path) != right.get(path):
            lines.append(f"{path!r}: {left.get(path)} / {right.get(path)}")
    more = [f"… and {len(lines) - limit} more"] if len(lines) > limit else []
    return "\n".join(lines[:limit] + more)


def contents_anywhere(root):
    """The hashes of all files below `root`, kept versions and conflict copies included."""
    found = set()
    for directory, _, names in os.walk(root):
        for name in names:
            with open(os.path.join(directory, name), "rb") as file:
                found.add(hash_of(file.fileno()))
    return found


def make_deep(root, names):
    """Makes directories in each other, below limits of one call; returns the innermost's handle."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for name in names:
        try:
            os.mkdir(name, dir_fd=fd)
        except FileExistsError:
            pass
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = below
    return fd


class WholeFilesWatch:
    """Looks all the time that no file ever stands under its name with other content than expected.

    `expected`: {path: set of allowed sha256}. Each state of a file is read once.
    """

    def __init__(self, root, expected):
        self.violations = []
        self.looks = 0
        self._root = root
        self._expected = expected
        self._seen = set()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()

    def _run(self):
        while not self._end.wait(0.005):
            for path, stat, fd, name in walk(self._root):
                if os.path.stat.S_ISREG(stat.st_mode):
                    self._look(path, stat, fd, name)
            self.looks += 1

    def _look(self, path, stat, fd, name):
        key = (path, stat.st_ino, stat.st_ctime_ns, stat.st_size)
        if key in self._seen:
            return
        try:
            handle = os.open(name, os.O_RDONLY, dir_fd=fd)
        except FileNotFoundError:
            return
        try:
            found = hash_of(handle)
        finally:
            os.close(handle)
        self._seen.add(key)
        if found not in self._expected.get(path, ()):
            self.violations.append((path, stat.st_size, found))
