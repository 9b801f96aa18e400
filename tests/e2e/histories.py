"""Random histories of a few names on running replicas, and what is seen while they run.

A Plan is what to do when; a Batch runs many plans at once, each on names of its own, one operation
after the other – so the order in which things were seen is known – and gives per plan and name
the observations of oracle.py.

Values are numbers. The file of a value has a size that no other value of its plan has, so a
conflict's loser is known by its size also where nobody has its bytes any more.
"""

import os
import time
from typing import NamedTuple

from cluster import poll
from renaming import exchange, put, rename_noreplace

FOLDER = b"BlackBox"
LARGE = 300_000  # some values take a while to travel


class Step(NamedTuple):
    at_ms: int  # since the beginning of the phase; never earlier
    what: str  # write, delete, read, rename, swap; freeze, thaw: for all plans of a batch
    node: int
    name: int = 0
    other: int = 0  # rename, swap


class Plan(NamedTuple):
    names: int
    phases: tuple  # of tuples of Steps; after each, all come to rest

    def lines(self):
        return [f"phase {i}: {step.at_ms:5} ms  {step.what} at {'abc'[step.node]}"
                f" name {step.name}" + (f" and {step.other}" if step.what in ("rename", "swap")
                                        else "")
                for i, steps in enumerate(self.phases) for step in steps]


def random_plan(rng, nodes, phases=2):
    names = rng.choice((1, 1, 1, 2))
    made = []
    for _ in range(phases):
        at_ms, steps = rng.choice((0, 100, 400)), []
        for _ in range(rng.randrange(2, 6)):
            what = rng.choices(("write", "delete", "read", "rename", "swap"),
                               (10, 3, 6, 2 * (names - 1), names - 1))[0]
            name = rng.randrange(names)
            steps.append(Step(at_ms, what, rng.randrange(nodes), name, 1 - name))
            at_ms += rng.choice((0, 0, rng.randrange(30), rng.randrange(250), rng.randrange(700)))
        made.append(tuple(steps))
    return Plan(names, tuple(made))


def random_freezes(rng, nodes, phases=2):
    """Steps per phase: agents stand still, so that what they do comes late."""
    made = []
    for _ in range(phases):
        steps = []
        for node in range(nodes):
            if rng.random() < 0.5:
                begin = rng.randrange(800)
                steps += [Step(begin, "freeze", node),
                          Step(begin + rng.randrange(100, 1500), "thaw", node)]
        made.append(tuple(sorted(steps)))
    return tuple(made)


def content_of(value, key):
    size = 40 + value + (LARGE if value % 5 == 4 else 0)
    return (b"%s %d\n" % (key, value)).ljust(size, b"%d" % (value % 10))


def value_of(size):
    return (size - 40) % LARGE


class Run:
    """One plan while it runs: its observations per name, and how its steps look on the disk."""

    def __init__(self, plan, key):
        self.plan = plan
        self.key = key
        self.observations = [[] for _ in range(plan.names)]
        self.problem = None  # something was seen that is no whole value
        self.void = False  # the order of things is not known: says nothing
        self.overwritten = set()  # taken away by their user
        self._values = 0

    def path(self, name):
        return FOLDER + b"/%s-%d.txt" % (self.key, name)

    def do(self, step, root, aside):
        getattr(self, "_" + step.what)(step, os.path.join(root, self.path(step.name)),
                                       os.path.join(root, self.path(step.other)), aside)

    def see(self, name, *observation):
        self.observations[name].append(observation)

    def value_in(self, file):
        """The value of an open file or of bytes."""
        content = file if isinstance(file, bytes) else file.read()
        value = value_of(len(content))
        if content != content_of(value, self.key):
            self.problem = f"{self.key}: {len(content)} bytes that nobody wrote: {content[:60]!r}"
        return value

    def value_at(self, path):
        try:
            with open(path, "rb") as file:
                return self.value_in(file)
        except FileNotFoundError:
            return None

    def _write(self, step, path, _, aside):
        self._values += 1
        new = self._values
        with open(aside, "wb") as file:
            file.write(content_of(new, self.key))
        old = self.value_at(aside) if put(aside, path) else None
        self.overwritten.add(old)
        self.see(step.name, "write", step.node, new, old)

    def _delete(self, step, path, _, aside):
        try:
            os.rename(path, aside)
        except FileNotFoundError:
            self.see(step.name, "read", step.node, None)
            return
        old = self.value_at(aside)
        self.overwritten.add(old)
        self.see(step.name, "write", step.node, None, old)

    def _read(self, step, path, _, __):
        self.see(step.name, "read", step.node, self.value_at(path))

    def _rename(self, step, path, other, _):
        try:
            with open(path, "rb") as file:
                rename_noreplace(path, other)
                self._same(file, other)
                value = self.value_in(file)
        except FileNotFoundError:
            self.see(step.name, "read", step.node, None)
        except FileExistsError:
            pass  # what stands there now nobody has looked at
        else:
            self.overwritten.add(value)
            self.see(step.name, "write", step.node, None, value)
            self.see(step.other, "write", step.node, value, None)

    def _swap(self, step, path, other, _):
        try:
            with open(path, "rb") as here, open(other, "rb") as there:
                exchange(path, other)
                self._same(here, other)
                self._same(there, path)
                values = self.value_in(here), self.value_in(there)
        except FileNotFoundError:
            return
        self.overwritten.update(values)
        self.see(step.name, "write", step.node, values[1], values[0])
        self.see(step.other, "write", step.node, values[0], values[1])

    def _same(self, file, path):
        """The agent may have replaced it between our opening and our renaming."""
        try:
            if os.fstat(file.fileno()).st_ino != os.stat(path).st_ino:
                self.void = True
        except FileNotFoundError:
            self.void = True


class Batch:
    """Plans that run at the same time on the same replicas."""

    def __init__(self, replicas, plans, freezes, label):
        self.replicas = replicas
        self.runs = [Run(plan, b"%s-%03d" % (label, i)) for i, plan in enumerate(plans)]
        self._freezes = freezes
        self._frozen = set()

    def go(self):
        """Returns the runs, with everything that was seen."""
        for replica in self.replicas:
            os.makedirs(os.path.join(replica.root, FOLDER), exist_ok=True)
        for phase in range(max(len(run.plan.phases) for run in self.runs)):
            self._phase(phase)
            self._stabilize()
        return self.runs

    def _phase(self, phase):
        steps = [(step, None) for step in self._freezes[phase]]
        for run in self.runs:
            steps += [(step, run) for step in run.plan.phases[phase]]
        begin = time.monotonic()
        for step, run in sorted(steps, key=lambda pair: pair[0].at_ms):
            pause_s = begin + step.at_ms / 1000 - time.monotonic()
            if pause_s > 0:
                time.sleep(pause_s)  # a user's pace, nothing is waited for
            replica = self.replicas[step.node]
            if run is not None:
                run.do(step, replica.root, os.path.join(replica.home, b"aside"))
            elif step.what == "freeze":
                self._freeze(step.node)
            else:
                self._thaw(step.node)
        for node in sorted(self._frozen):
            self._thaw(node)

    def _freeze(self, node):
        self.replicas[node].freeze()
        self._frozen.add(node)
        poll(lambda: self.replicas[node].stands_still(), "the agent stands still", pause_s=0.001)
        self._see_everywhere("freeze", node)

    def _thaw(self, node):
        self._see_everywhere("thaw", node)
        self._frozen.discard(node)
        self.replicas[node].thaw()

    def _see_everywhere(self, *observation):
        for run in self.runs:
            for name in range(run.plan.names):
                run.see(name, *observation)

    def _stabilize(self):
        for replica in self.replicas:
            replica.wait()
        conflicts = [self._by_path(replica) for replica in self.replicas]
        for run in self.runs:
            for name in range(run.plan.names):
                self._look(run, name, [found.get(run.path(name), []) for found in conflicts])

    @staticmethod
    def _by_path(replica):
        found = {}
        for conflict in replica.conflicts():
            found.setdefault(os.fsencode(conflict["path"]), []).append(conflict)
        return found

    def _look(self, run, name, conflicts):
        path = run.path(name)
        values = [run.value_at(os.path.join(replica.root, path)) for replica in self.replicas]
        for node, value in enumerate(values):
            run.see(name, "read", node, value)
        ids = [sorted((c["id"], c["state"]) for c in found) for found in conflicts]
        if any(other != ids[0] for other in ids):
            run.problem = f"{path}: other conflicts on other replicas: {conflicts}"
            return
        losers = set()
        for conflict in conflicts[0]:
            loser = conflict["loser"]
            losers.add(None if loser["hash"] is None else value_of(loser["size"]))
        run.see(name, "stable", values[0], frozenset(losers))
        self._look_at_kept(run, losers, conflicts)

    def _look_at_kept(self, run, losers, conflicts):
        """The bytes of a loser are on every replica – or on none, where its own user took them away
        before anybody else had them."""
        kept = [set() for _ in conflicts]
        for replica, found, values in zip(self.replicas, conflicts, kept):
            for conflict in found:
                where = conflict["loser"]["kept_at"]
                if where is not None:
                    values.add(run.value_at(os.path.join(replica.root, os.fsencode(where))))
        anywhere = set().union(*kept)
        if losers - anywhere - run.overwritten - {None}:
            run.problem = f"{run.key}: bytes of a loser are nowhere: {conflicts}"
        elif any(losers & anywhere - values for values in kept):
            run.problem = f"{run.key}: bytes of a loser are not everywhere: {conflicts}"
