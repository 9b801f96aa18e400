"""The place where measurements happen: a work folder, sample trees, and what keeps figures honest.

Used trees are never deleted between runs (freed inodes slow down whatever follows for minutes):
their files are truncated, the tree is moved away, and all goes when the last case has ended.
Sources are read, and memory is touched and freed, before a clock starts.
"""

import dataclasses
import os
import subprocess
import sys

from cluster import generate
from folder import ignored

from sides import Failed, SlowLine, Wire

# What peers put into a folder for themselves.
OWN_NAMES = (".atozsync", ".stfolder", ".stignore", ".stversions")
SMALL = "small"  # shape of a tree: documents of 1 KiB, ten in each patient's folder
SEED = 7
MEMORY_SHARE_MAX = 0.5  # of what is free, touched before a run


@dataclasses.dataclass
class Tree:
    path: str
    files: int
    bytes: int


@dataclasses.dataclass
class Pair:
    """Two roots, what joins them, and a place for the states of what keeps them the same."""

    link: object
    home: str
    root_a: str
    root_b: str

    def state(self, name):
        path = os.path.join(self.home, name)
        os.makedirs(path, exist_ok=True)
        return path


def say(text):
    print(text, file=sys.stderr, flush=True)


def files_below(path):
    """(number, bytes) of the regular files."""
    count = size = 0
    waiting = [path]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name in OWN_NAMES:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    count += 1
                    size += entry.stat(follow_symlinks=False).st_size
    return count, size


class Lab:

    def __init__(self, work, runs, scale, only):
        self.work, self.runs, self.scale, self.only = work, runs, scale, only
        self._used = self._made("used")
        self._count = 0
        self._trees, self._twins, self._links = {}, {}, {}

    # --- sizes ---

    def scaled(self, number, least=1):
        return max(least, round(number * self.scale))

    def wanted(self, name):
        """Whether a candidate takes part; the agent and what it is compared with by default."""
        return not self.only or any(word in name for word in self.only)

    # --- places ---

    def _made(self, *names):
        path = os.path.join(self.work, *names)
        os.makedirs(path, exist_ok=True)
        return path

    def place(self, name):
        """A new directory."""
        self._count += 1
        # Short: sockets lie below, and their paths may not be long.
        safe = "".join(c if c.isalnum() else "-" for c in name)[:16]
        return self._made(f"{self._count:03d}-{safe}")

    def pair(self, name, kind=Wire, roots=None):
        home = self.place(name)
        root_a, root_b = roots or (os.path.join(home, "a"), os.path.join(home, "b"))
        for root in (root_a, root_b):
            os.makedirs(root, exist_ok=True)
            self.move_out(root, OWN_NAMES)
        return Pair(self.link(kind), home, root_a, root_b)

    def link(self, kind):
        if kind not in self._links:
            self._links[kind] = kind()
        return self._links[kind]

    def away(self, path):
        self._count += 1
        os.rename(path, os.path.join(self._used, f"{self._count:03d}"))

    def move_out(self, root, names):
        for name in names:
            if os.path.lexists(os.path.join(root, name)):
                self.away(os.path.join(root, name))

    def discard(self, root):
        """Frees the space of a used tree, not its inodes."""
        for directory, _, names in os.walk(root):
            for name in names:
                path = os.path.join(directory, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    os.truncate(path, 0)
        self.away(root)

    # --- trees ---

    def source(self, files, shape):
        """A generated tree of what is synchronized. `shape`: SMALL or the mean size of files."""
        key = (files, shape)
        if key not in self._trees:
            path = os.path.join(self.work, f"source-{files}-{shape}")
            say(f"  making {files:,} files")
            if shape == SMALL:
                subprocess.run([os.environ["ATOZSYNC_GENERATE"], "--out", path, "--files",
                                str(files), "--seed", str(SEED), "--small"],
                               check=True, capture_output=True)
            else:
                generate(path, files, SEED, shape)
                self._leave_out_ignored(path)
            self._trees[key] = Tree(path, *files_below(path))
        return self._trees[key]

    def _leave_out_ignored(self, root):
        for directory, below, names in os.walk(os.fsencode(root)):
            inside = os.path.relpath(directory, os.fsencode(root))
            for name in names + below:
                path = name if inside == b"." else inside + b"/" + name
                if ignored(path):
                    self.away(os.path.join(directory, name))
            below[:] = [name for name in below if os.path.exists(os.path.join(directory, name))]

    def twins(self, files, shape):
        """A tree and its copy, times included: (Tree, path of the copy)."""
        key = (files, shape)
        if key not in self._twins:
            tree = self.source(files, shape)
            copy = tree.path + "-twin"
            subprocess.run(["cp", "-a", tree.path, copy], check=True)
            self._twins[key] = copy
        return self.source(files, shape), self._twins[key]

    @staticmethod
    def move_content(source, target):
        """What is in a directory, into another one of the same volume: no byte is copied."""
        for name in os.listdir(source):
            if name not in OWN_NAMES:
                os.rename(os.path.join(source, name), os.path.join(target, name))

    # --- honesty ---

    def warm(self, *paths, size=0):
        """Brings trees into the page cache, everything dirty to the disk, and memory to us."""
        for path in paths:
            subprocess.run(["tar", "cf", "/dev/zero", "-C", path, "."], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open("/proc/meminfo", encoding="ascii") as file:
            free_kb = next(int(line.split()[1]) for line in file if line.startswith("MemFree"))
        block = bytearray(int(min(max(2 * size, 1 << 28), MEMORY_SHARE_MAX * free_kb * 1024)))
        block[::4096] = b"x" * len(block[::4096])
        del block
        os.sync()

    @staticmethod
    def compare(a, b):
        excluded = [word for name in OWN_NAMES for word in ("--exclude", name)]
        done = subprocess.run(["diff", "-r", "-q", *excluded, a, b], capture_output=True,
                              check=False)
        if done.returncode != 0:
            text = os.fsdecode(done.stdout + done.stderr)
            raise Failed(f"the trees differ in {len(text.splitlines())} places:\n{text[:1000]}")

    def close(self):
        for link in self._links.values():
            link.close()
