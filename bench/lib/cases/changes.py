"""Changes in folders that are equal: one new file, many at once, a large file that is edited."""

import multiprocessing
import os
import random
import shutil
import statistics
import time

from cases.common import attempt, ended, note, taking_part
from cases.looks import prepared
from measure import Sample, Span
from sides import Failed, Wire

NEW_FILE_BYTES = 200_000
FOLDER_FILES, FOLDER_MEAN_BYTES = 2_000, 29_000
SETTLED_FOLDER = "B"  # a letter: there in every generated folder


# --- one new file ---

def latency(lab, results, peers):
    """The clock runs from before the first byte is written."""
    results.heads.append(f"Into a folder of {lab.scaled(FOLDER_FILES, 20):,} files; {Wire.words}.")
    ready = prepared(lab, results, taking_part(lab, peers), lab.scaled(FOLDER_FILES, 20),
                     FOLDER_MEAN_BYTES)
    for number in range(lab.runs):
        for place, peer in enumerate(ready):
            with attempt(results, peer.name), ended(peer):
                _latencies(lab, results, peer, f"New{number}-{place}-")


def latency_fresh(lab, results, peers, kind):
    """The same on another line, with small folders of their own."""
    results.heads.append(f"Into a folder of one file; {lab.link(kind).words}.")
    ready = []
    for cls in taking_part(lab, peers):
        peer = cls(lab.pair(cls.name, kind))
        with attempt(results, peer.name), ended(peer):
            peer.prepare(0)
            _write(os.path.join(peer.pair.root_a, SETTLED_FOLDER, "first.jpg"), 1000)
            peer.stand_by()
            peer.first(1)
            ready.append(peer)
    for number in range(lab.runs):
        for place, peer in enumerate(ready):
            with attempt(results, peer.name), ended(peer):
                _latencies(lab, results, peer, f"New{number}-{place}-")


def _latencies(lab, results, peer, word):
    peer.start()
    peer.catch_up()
    values = []
    with Span(peer.pair.link) as span:
        for number in range(peer.latency_files):
            path = os.path.join(SETTLED_FOLDER, f"{word}{number}.jpg")
            values.append(_latency(peer, path) * 1000)
            time.sleep(0.05)
        span.stop_clock()
    peer.settled()
    peer.stop()
    lab.compare(peer.pair.root_a, peer.pair.root_b)
    sample = span.sample
    sample.spread, sample.value = values, statistics.median(values)
    note(results, peer.name, sample)


def _latency(peer, path):
    target = os.path.join(peer.pair.root_b, path)
    content = os.urandom(NEW_FILE_BYTES)
    start = time.monotonic()
    with open(os.path.join(peer.pair.root_a, path), "wb") as file:
        file.write(content)
    peer.carry(lambda: _size(target) == NEW_FILE_BYTES)
    seconds = time.monotonic() - start
    with open(target, "rb") as file:
        if file.read() != content:
            raise Failed(f"{path} stands on the other side with other bytes")
    return seconds


def _size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return None


def _write(path, size):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(os.urandom(size))


# --- many at once ---

class Burst:
    """New files of 10 to 50 KB, fifty in each of new folders of one letter. The same names and
    sizes each time; contents differ by `number`."""

    PER_FOLDER = 50

    def __init__(self, files, word, number):
        self.top = f"Burst-{word}"
        self.number = number
        sizes = random.Random(files)
        self.files = {f"Patient{n // self.PER_FOLDER}/Scan{n}.jpg": sizes.randint(10_000, 50_000)
                      for n in range(files)}

    def write(self, root):
        noise = random.Random(f"{self.top} {self.number}").randbytes(1 << 20)
        for folder in sorted({name.split("/")[0] for name in self.files}):
            os.makedirs(os.path.join(root, self.top, folder))
        for place, (name, size) in enumerate(self.files.items()):
            with open(os.path.join(root, self.top, name), "wb") as file:
                file.write(place.to_bytes(4, "big"))
                offset = place * 4093 % (len(noise) - 50_000)
                file.write(noise[offset:offset + size - 4])

    def arrival(self, root):
        """A function that says whether all of it stands there; looks at each file once."""
        waiting = {}
        for name, size in self.files.items():
            folder, file = name.split("/")
            waiting.setdefault(folder, {})[file] = size

        def arrived():
            for folder, names in list(waiting.items()):
                for name in list(names):
                    if _size(os.path.join(root, self.top, folder, name)) != names[name]:
                        return False
                    del names[name]
                del waiting[folder]
            return True

        return arrived


def burst(lab, results, files, both, peers):
    """Those that watch: from the first byte written. By hand: from the start of the command, when
    all files are written."""
    files = lab.scaled(files, 10)
    results.heads.append(f"{files:,} files{' on each side' if both else ''} into a folder of "
                         f"{lab.scaled(FOLDER_FILES, 20):,}; {Wire.words}.")
    ready = prepared(lab, results, taking_part(lab, peers), lab.scaled(FOLDER_FILES, 20),
                     FOLDER_MEAN_BYTES)
    for number in range(lab.runs):
        for peer in ready:
            with attempt(results, peer.name), ended(peer):
                _burst(lab, results, peer, files, both, number)


def _burst(lab, results, peer, files, both, number):
    roots = [(peer.pair.root_a, peer.pair.root_b)]
    if both:
        roots.append((peer.pair.root_b, peer.pair.root_a))
    bursts = [Burst(files, word, number) for word in "ab"[:len(roots)]]
    lab.warm(size=files * 60_000)
    peer.start()
    peer.catch_up()
    arrivals = [one.arrival(target) for one, (_, target) in zip(bursts, roots)]
    writers = [multiprocessing.Process(target=one.write, args=(source,))
               for one, (source, _) in zip(bursts, roots)]
    if not peer.watches:
        _write_all(writers)
        writers = []
    try:
        with Span(peer.pair.link) as span:
            for writer in writers:
                writer.start()
            peer.carry(lambda: all(arrived() for arrived in arrivals))
            span.stop_clock()
        for writer in writers:
            writer.join()
        peer.settled()
        peer.stop()
        lab.compare(peer.pair.root_a, peer.pair.root_b)
    finally:
        peer.end()
        for one in bursts:
            for root in (peer.pair.root_a, peer.pair.root_b):
                if os.path.exists(os.path.join(root, one.top)):
                    lab.discard(os.path.join(root, one.top))
    note(results, peer.name, span.sample)


def _write_all(writers):
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


# --- a large file ---

BIG_BYTES = 100 << 20
WHOLE_SECOND_S = 1.2  # rsync compares times in whole seconds
BIG, MOVED, COPIED = "Big.bmp", "Moved.bmp", "Copied.bmp"


def _insert_at_start(path):
    with open(path, "r+b") as file:
        content = file.read()
        file.seek(0)
        file.write(b"\x2a" + content)


def _change_middle(path):
    with open(path, "r+b") as file:
        file.seek(BIG_BYTES // 2)
        old = file.read(1)
        file.seek(BIG_BYTES // 2)
        file.write(bytes([old[0] ^ 0xff]))


def _append(path):
    with open(path, "ab") as file:
        file.write(os.urandom(1 << 20))


def _rename(path):
    os.rename(path, os.path.join(os.path.dirname(path), MOVED))


def _copy(path):
    folder = os.path.dirname(path)
    shutil.copyfile(os.path.join(folder, MOVED), os.path.join(folder, COPIED))


EDITS = (("a byte inserted at the start", _insert_at_start, BIG),
         ("a byte changed in the middle", _change_middle, BIG),
         ("1 MiB appended", _append, BIG),
         ("renamed", _rename, MOVED),
         ("copied", _copy, COPIED))


def deltas(lab, results, peers):
    results.heads.append(f"{lab.link(Wire).words}.")
    base = os.path.join(lab.place("big"), BIG)
    _write(base, BIG_BYTES)
    for _ in range(lab.runs):
        for cls in taking_part(lab, peers):
            with attempt(results, cls.name):
                _edits(lab, results, cls, base)


def _edits(lab, results, cls, base):
    pair = lab.pair(cls.name)
    peer = cls(pair)
    with ended(peer):
        peer.prepare(0)
        folder = os.path.join(pair.root_a, SETTLED_FOLDER)
        os.makedirs(folder)
        shutil.copyfile(base, os.path.join(folder, BIG))
        peer.stand_by()
        peer.first(1)
        peer.settled()
        lab.compare(pair.root_a, pair.root_b)
        for words, edit, result in EDITS:
            _edit(results, peer, words, lambda: edit(os.path.join(folder, BIG)), result)
            lab.compare(pair.root_a, pair.root_b)
        peer.stop()
    for root in (pair.root_a, pair.root_b):
        lab.discard(root)


def _edit(results, peer, words, edit, result):
    target = os.path.join(peer.pair.root_b, SETTLED_FOLDER, result)
    time.sleep(WHOLE_SECOND_S)
    with Span(peer.pair.link) as span:
        span.until_quiet()
    before = _stamp(target)
    with Span(peer.pair.link) as span:
        edit()
        peer.carry(lambda: _stamp(target) not in (None, before))
        span.stop_clock()
        peer.settled()
        span.until_quiet()
    sample = span.sample
    sample.value = sum(sample.wire) / 1e3
    sample.note = f"{sample.seconds:.2f} s"
    note(results, peer.name, sample, words)


def _stamp(path):
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
