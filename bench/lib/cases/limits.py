"""What the machine allows, without any synchronizer."""

import os
import re
import subprocess

from cases.common import attempt, note
from lab import SMALL
from measure import Sample, timed
from paths import LIMITS
from sides import check

STREAM_BYTES = 4 << 30
HASHED_BYTES = 1 << 30


def _limit(*arguments):
    done = subprocess.run([LIMITS, *map(str, arguments)], capture_output=True, check=False)
    amount, seconds = check(done, f"bench_limits {arguments[0]}").split()[:2]
    return int(amount) / float(seconds) / 1e6


def _aes_gcm():
    """One thread, pieces of 16 KiB, as TLS has them."""
    done = subprocess.run(["openssl", "speed", "-elapsed", "-seconds", "1", "-bytes", "16384",
                           "-evp", "aes-256-gcm"], capture_output=True, check=False)
    line = check(done, "openssl speed").strip().splitlines()[-1]
    return float(re.search(r"([\d.]+)k", line).group(1)) / 1e3


def walk(path, processes):
    """Seconds and files of a bare walk with stat."""
    done = subprocess.run([LIMITS, "walk", path, str(processes)], capture_output=True, check=False)
    files, seconds = check(done, "bench_limits walk").split()
    return float(seconds), int(files)


def find_seconds(path):
    return timed(lambda: subprocess.run(["find", path, "-printf", "%s %T@ %p\n"], check=True,
                                        stdout=subprocess.DEVNULL))


def copy_seconds(lab, tree, sync):
    """`cp -r`, with all of it on the disk or without."""
    target = os.path.join(lab.place("copy"), "copy")
    lab.warm(tree.path, size=tree.bytes)

    def copy():
        subprocess.run(["cp", "-r", tree.path, target], check=True)
        if sync:
            subprocess.run(["sync", "-f", target], check=True)

    seconds = timed(copy)
    lab.compare(tree.path, target)
    lab.discard(target)
    return seconds


COPIES = (("cp -r", False), ("cp -r and sync", True))
WALKS = (("bare walk, 1 process", 1), ("bare walk, 2 processes", 2))


def note_walks(results, path):
    """In seconds."""
    for name, processes in WALKS:
        _note(results, name, walk(path, processes)[0])
    _note(results, "find -printf", find_seconds(path))


def throughput(lab, results):
    tree = lab.source(lab.scaled(2000, 20), 280_000)
    results.heads.append(f"Copies: {tree.files:,} files, {tree.bytes / 1e6:,.0f} MB.")
    cached = os.path.join(lab.place("cached"), "bytes")
    with open(cached, "wb") as file:
        for _ in range(HASHED_BYTES >> 20):
            file.write(os.urandom(1 << 20))
    for _ in range(lab.runs):
        for name, sync in COPIES:
            _note(results, name, tree.bytes / 1e6 / copy_seconds(lab, tree, sync))
        _note(results, "XXH3-128 over cached bytes", _limit("hash", cached))
        with attempt(results, "AES-256-GCM"):
            _note(results, "AES-256-GCM", _aes_gcm())
        _note(results, "TCP over loopback", _limit("tcp", STREAM_BYTES))


def walks(lab, results):
    tree = lab.source(lab.scaled(200_000, 20), SMALL)
    results.heads.append(f"{tree.files:,} files of 1 KiB, warm.")
    for _ in range(lab.runs):
        lab.warm(tree.path)
        for name, processes in WALKS:
            seconds, files = walk(tree.path, processes)
            _note(results, name, files / seconds)
        _note(results, "find -printf", tree.files / find_seconds(tree.path))


def _note(results, name, value):
    note(results, name, Sample(value=value), limit=True)
