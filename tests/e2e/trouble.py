"""What happens to the machines of a storm, from a seed: each trouble begins, lasts, and is healed.

Several last at the same time, also on one replica. Everything is healed by `heal_all`.
"""

import heapq
import os
import random
import time

from replica import poll

INDEX_FILES = (b"index.db", b"index.db-wal", b"index.db-shm")
LONG_S = 52  # longer than a peer may be silent


class Trouble:

    def __init__(self, machines, network, ledger, seed):
        """`machines`: of the storm, with replica, desk and volume."""
        self._machines = machines
        self._network = network
        self._ledger = ledger
        self._rng = random.Random(f"trouble {seed}")
        self._lasting = {}  # (what, machine) → heals it
        self._heals = []  # (time, what, machine)
        possible = {"kill", "freeze", "lose_index", *network.kinds, *machines[0].volume.kinds}
        self._kinds = [(kind, weight) for kind, weight in self.KINDS if kind in possible]
        self.counts = {}

    # The network and the volumes say which of theirs they can have; see their `kinds`.
    KINDS = (("kill", 6), ("freeze", 4), ("cut", 4), ("half_open", 4), ("reset", 3),
             ("throttle", 2), ("nearly_full", 2), ("full", 2), ("unmount", 3),
             ("lose_index", 2))

    def go_on(self, seconds, long_ones):
        """`long_ones`: some troubles last longer than a peer may be silent."""
        end = time.monotonic() + seconds
        waiting = [kind for kind, _ in self._kinds]  # each at least once, where time allows
        self._rng.shuffle(waiting)
        names, weights = zip(*self._kinds)
        while (now := time.monotonic()) < end:
            self._heal_due(now)
            if len(self._lasting) < 3:
                kind = waiting.pop() if waiting else self._rng.choices(names, weights)[0]
                self._begin(kind, long_ones)
            time.sleep(self._rng.random() * 1.2)  # calm between troubles, nothing is waited for
        self.heal_all()

    def _begin(self, kind, long_ones):
        machine = self._rng.choice(self._machines)
        if (kind, machine.name) in self._lasting:
            return
        self.counts[kind] = self.counts.get(kind, 0) + 1
        lasts_s = 0.1 + self._rng.random() * 3
        if long_ones and kind in ("freeze", "cut", "half_open") and self._rng.random() < 0.25:
            lasts_s += LONG_S
        self._note(machine, f"{kind} for {lasts_s:.1f} s")
        heal = getattr(self, "_" + kind)(machine)
        if heal is not None:
            self._lasting[kind, machine.name] = heal
            heapq.heappush(self._heals, (time.monotonic() + lasts_s, kind, machine.name))

    def _heal_due(self, now):
        while self._heals and self._heals[0][0] <= now:
            _, kind, name = heapq.heappop(self._heals)
            self._ledger.note(name, f"end of {kind}")
            self._lasting.pop((kind, name))()

    def heal_all(self):
        self._heal_due(float("inf"))

    def _note(self, machine, text):
        self._ledger.note(machine.name, text)

    # --- processes ---

    def _kill(self, machine):
        if ("lose_index", machine.name) in self._lasting:
            return None
        machine.replica.kill9()
        return machine.replica.start

    def _lose_index(self, machine):
        if ("kill", machine.name) in self._lasting:
            return None
        machine.replica.kill9()
        for name in INDEX_FILES:
            full = os.path.join(machine.replica.state, name)
            if os.path.exists(full):
                os.unlink(full)
        return machine.replica.start

    def _freeze(self, machine):
        if machine.replica.process is None:
            return None
        process = machine.replica.process
        machine.replica.freeze()

        def thaw():
            if machine.replica.process is process:  # else it was killed meanwhile
                machine.replica.thaw()

        return thaw

    # --- network ---

    def _cut(self, machine):
        self._network.cut(machine.name)
        return lambda: self._network.mend(machine.name)

    def _half_open(self, machine):
        other = self._rng.choice([m for m in self._machines if m is not machine])
        self._network.deafen(machine.name, other.name)
        return lambda: self._network.undeafen(machine.name, other.name)

    def _reset(self, machine):
        self._network.reset(machine.name)

    def _throttle(self, machine):
        self._network.throttle(machine.name, "2mbit")
        return lambda: self._network.throttle(machine.name, None)

    # --- disk ---

    def _nearly_full(self, machine):
        return self._fill(machine, 100 << 20)

    def _full(self, machine):
        return self._fill(machine, 0)

    def _fill(self, machine, left_bytes):
        if any(kind in ("full", "nearly_full", "unmount") and name == machine.name
               for kind, name in self._lasting):
            return None
        machine.volume.fill(left_bytes)
        return machine.volume.empty

    def _unmount(self, machine):
        if any(kind in ("full", "nearly_full") and name == machine.name
               for kind, name in self._lasting):
            return None
        # Nobody works there meanwhile.
        machine.desk.lock.acquire()
        machine.volume.unmount()
        # Sometimes the folder is missing, sometimes it is there and empty.
        empty = machine.replica.root
        if self._rng.random() < 0.5:
            os.makedirs(empty, exist_ok=True)
        elif os.path.isdir(empty):
            os.rmdir(empty)

        def mount():
            found = os.listdir(empty) if os.path.isdir(empty) else []
            machine.volume.mount()
            machine.desk.lock.release()
            if found:
                raise AssertionError(f"{machine.name}: written where nothing is mounted: {found}")

        return mount


def wait_awake(machines):
    """Every agent answers."""
    for machine in machines:
        poll(lambda: machine.replica.cmd("status").rc == 0, f"{machine.name} answers")
