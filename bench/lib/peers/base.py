"""How a candidate is driven.

`prepare(files)` once, with the roots as they are (configuration, keys, pairing; ends with nothing
running), then `start()` … `stop()` as often as wanted, and in between `look()` finds out that
nothing changed, `carry(done)` returns when `done()` is true. Or, for a first sync: `stand_by()`
starts what has to wait for it on the other side, `first(files)` starts the rest and carries
everything over.
"""

import os
import shutil
import subprocess

from lab import OWN_NAMES
from replica import poll
from sides import Failed

DEADLINE_S = 3600


def until(condition, what, pause_s=0.005, deadline_s=DEADLINE_S):
    try:
        return poll(condition, what, deadline_s, pause_s)
    except AssertionError as late:
        raise Failed(str(late)) from late


class Peer:
    name = ""
    programs = ()  # that have to be installed
    watches = False  # carries changes over by itself
    both_ways = False
    latency_files = 20  # in one run of the case

    def __init__(self, pair):
        self.pair = pair
        self.a, self.b = pair.link.a, pair.link.b
        self._processes = []

    @classmethod
    def missing(cls):
        return [program for program in cls.programs if not shutil.which(program)]

    def prepare(self, files):
        """`files`: how many there are in the roots."""

    def start(self):
        pass

    def stand_by(self):
        self.start()

    def first(self, files):
        self.look()

    def look(self):
        raise NotImplementedError

    def agree(self):
        """Compares once, where both have just looked through their folders at their start."""
        self.look()

    def settled(self):
        """Waits until nothing is left to do."""

    def catch_up(self):
        """Both sides are the same afterwards, whatever happened while it was stopped."""
        if self.watches:
            self.settled()
        else:
            self.look()

    def carry(self, done):
        """Brings a change over: those that watch do it themselves, the others are run."""
        if not self.watches:
            self.look()
        until(lambda: self.alive() and done(), f"{self.name}: the change on the other side",
              0.0005, 600)

    def stop(self):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._processes = []

    def end(self):
        """Whatever happened: no process stays behind."""
        self.stop()

    # --- for the peers ---

    def daemon(self, side, *command, listens=None, **options):
        """Starts a program that stays; waits until it listens on that port."""
        log = open(os.path.join(self.pair.home, f"{os.path.basename(command[0])}.log"), "ab")
        with log:
            process = side.popen(*command, stdout=log, stderr=log, **options)
        self._processes.append(process)
        if listens:
            needle = f":{listens:04X} "
            until(lambda: self.alive() and self._listening(side, needle),
                  f"{command[0]} listens", deadline_s=60)
        return process

    @staticmethod
    def _listening(side, needle):
        for kind in ("tcp", "tcp6"):
            with open(f"/proc/{side.pid}/net/{kind}", encoding="ascii") as file:
                if any(needle in line and " 0A " in line for line in file):
                    return True
        return False

    def alive(self):
        """True, or says which daemon has ended."""
        for process in self._processes:
            if process.poll() is not None:
                raise Failed(f"{self.name}: a daemon ended with {process.returncode}: "
                             f"{self._last_words()}")
        return True

    def _last_words(self):
        words = ""
        for name in sorted(os.listdir(self.pair.home)):
            if name.endswith(".log"):
                with open(os.path.join(self.pair.home, name), encoding="utf-8",
                          errors="replace") as file:
                    words += f"{name}: {file.read()[-600:]} "
        return words

    def write(self, name, text, mode=0o600):
        path = os.path.join(self.pair.home, name)
        with open(path, "w", encoding="utf-8",
                  opener=lambda p, flags: os.open(p, flags, mode)) as file:
            file.write(text)
        return path


def excluded(pattern="--exclude={}"):
    return [pattern.format(name) for name in OWN_NAMES]
