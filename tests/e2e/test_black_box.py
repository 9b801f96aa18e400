"""Random histories on real agents, each judged by the oracle (oracle.py, docs/black-box.md).

ATOZ_BLACK_BOX_SEED=S begins with another seed; ATOZ_BLACK_BOX_SECONDS=N is how long the slow test
goes on. A failing history is run again and again with fewer steps, and the shortest is printed.
"""

import itertools
import os
import random
import time
import unittest

from cluster import ClusterTest
from histories import Batch, Plan, Step, random_freezes, random_plan
from oracle import explain
from shrink import shrink

SEED = int(os.environ.get("ATOZ_BLACK_BOX_SEED", "1"))
SLOW_S = int(os.environ.get("ATOZ_BLACK_BOX_SECONDS", "180"))
TRIES = 12  # of each shorter history, at the same time
SHRINK_S = 90
REJECTED_STATES_MAX = 40_000

_labels = (b"%04d" % number for number in itertools.count())


def judge(run, nodes):
    """None, or what is wrong with what was seen."""
    if run.problem is not None:
        return run.problem
    for name, observations in enumerate(run.observations):
        verdict = explain(nodes, observations)
        if not verdict.ok and not run.void:
            return f"name {name}: {verdict.describe(observations)}"
    return None


class Judged:
    """Batches on one cluster; counts what was tried."""

    def __init__(self, test, replicas):
        self._test = test
        self._replicas = replicas
        self.histories = self.void = self.losers = 0

    def batch(self, seed, plans):
        rng, nodes = random.Random(seed), len(self._replicas)
        made = [random_plan(rng, nodes) for _ in range(plans)]
        freezes = random_freezes(rng, nodes)
        for plan, run in zip(made, Batch(self._replicas, made, freezes, next(_labels)).go()):
            self.void += run.void
            self.histories += sum(len(seen) > 0 for seen in run.observations)
            self.losers += sum(len(seen[-1][2]) for seen in run.observations
                               if seen[-1][0] == "stable")
            wrong = judge(run, nodes)
            if wrong is not None:
                self._fail(seed, plan, freezes, wrong)

    def _fail(self, seed, plan, freezes, wrong):
        def fails(plan, freezes):
            runs = Batch(self._replicas, [plan] * TRIES, freezes, next(_labels)).go()
            return next(filter(None, (judge(run, len(self._replicas)) for run in runs)), None)

        found = shrink(plan, freezes, fails, SHRINK_S)
        again = "it did not fail again" if found is None else "the shortest that fails:"
        plan, freezes, wrong = found or (plan, freezes, wrong)
        stops = [f"phase {i}: {step.at_ms:5} ms  {step.what} {'abc'[step.node]}"
                 for i, steps in enumerate(freezes) for step in steps]
        self._test.fail("\n".join([f"seed {seed}: {again}"] + plan.lines() + stops + [wrong]))


class BlackBoxTest(ClusterTest):

    def test_histories_on_three_replicas(self):
        judged = Judged(self, self.cluster(3))
        judged.batch(SEED, 180)
        # The test must not pass because nothing happens in it.
        self.assertGreater(judged.histories, 200)
        self.assertGreater(judged.losers, 40)
        self.assertLess(judged.void, 5)

    def test_histories_on_two_replicas(self):
        judged = Judged(self, self.cluster(2))
        judged.batch(SEED + 1, 60)
        self.assertGreater(judged.losers, 10)


class BlackBoxSlow(ClusterTest):

    def test_histories_for_minutes(self):
        judged = Judged(self, self.cluster(3))
        end = time.monotonic() + SLOW_S
        for seed in itertools.count(SEED + 1000):
            judged.batch(seed, 100)
            if time.monotonic() > end:
                break
        print(f"{judged.histories} histories, {judged.losers} conflicts, {judged.void} void")


class RecordedTest(ClusterTest):
    """What was really seen, made wrong in one place: the oracle has to notice."""

    def wrong_ones(self, seen, overwritten):
        """Yields (what is wrong, observations)."""
        *before, (_, value, losers) = seen
        yield "a value out of nowhere", before + [("stable", 999, losers)]
        yield "a conflict out of nowhere", before + [("stable", value, losers | {999})]
        for loser in losers - overwritten - {None}:
            yield "a lost conflict", before + [("stable", value, losers - {loser})]
        written = {seen[2] for seen in before if seen[0] == "write"} - {None, value}
        if value is None:
            for old in written:
                yield "a deletion that comes back", seen + [("read", 1, old)]
        else:
            for old in written:
                yield "a stale read", seen + [("read", 1, old)]
            if not any(seen[0] == "write" and seen[2] is None for seen in before):
                yield "a lost write", before + [("stable", None, losers)]
        reads = [i for i, seen in enumerate(before) if seen[0] == "read"]
        for i in reads:
            yield "a read out of nowhere", before[:i] + [("read", 0, 999)] + seen[i + 1:]

    def test_wrong_observations_are_rejected(self):
        rng = random.Random(SEED + 2)
        plans = [random_plan(rng, 3, phases=1) for _ in range(60)]
        batch = Batch(self.cluster(3), plans, random_freezes(rng, 3, phases=1), next(_labels))
        tried = {}
        for run in batch.go():
            for seen in run.observations:
                if not run.void:
                    self.assertTrue(explain(3, seen).ok, seen)
                    self.try_wrong_ones(seen, run.overwritten, tried)
        self.assertEqual(7, len(tried), tried)
        self.assertGreater(min(tried.values()), 0, tried)

    def try_wrong_ones(self, seen, overwritten, tried):
        """One of each kind."""
        for what, wrong in dict(self.wrong_ones(seen, overwritten)).items():
            verdict = explain(3, wrong, REJECTED_STATES_MAX)
            self.assertFalse(verdict.ok, f"{what}: {verdict.describe(wrong)}")
            # Now and then one has too many courses to look at all of them: it does not count.
            tried[what] = tried.get(what, 0) + (not verdict.gave_up)

    def test_a_program_that_only_copies_is_rejected(self):
        # Not our program at all: the folders are made equal by plain copies, the newest wins.
        steps = (Step(0, "write", 0), Step(0, "write", 1))
        (run,) = CopyingBatch(self.cluster(2), [Plan(1, (steps,))], ((),), next(_labels)).go()
        self.assertIn("no explanation", judge(run, 2))


class CopyingBatch(Batch):
    """Comes to rest as a mirror script would: b's folder replaces a's, and nothing is kept."""

    def _phase(self, phase):
        for replica in self.replicas:
            replica.freeze()
        super()._phase(phase)
        for run in self.runs:
            a, b = (os.path.join(replica.root, run.path(0)) for replica in self.replicas)
            with open(b, "rb") as source, open(a, "wb") as target:
                target.write(source.read())
        for replica in self.replicas:
            replica.thaw()


if __name__ == "__main__":
    unittest.main()
