"""Can what was seen from outside be explained at all? A search through the model of one name.

In the manner of J. Hughes, B. Pierce, T. Arts, U. Norell, "Mysteries of Dropbox: property-based
testing of a distributed synchronization service" (ICST 2016): nothing but the folders is looked
at, and the oracle asks whether *any* sequence of hidden steps (model.py) leads through all
observations.

What is observed of one name, in this order (None = no such file):

    ("write", node, new, old)   `new` took the place of `old` in one step; None deletes
    ("read", node, value)
    ("freeze", node), ("thaw", node)   its agent stands still in between
    ("stable", value, losers)   all agents say that nothing is left to do: every folder has `value`,
                                and `losers` is the set of values that lie in conflicts
"""

import random
from typing import NamedTuple

from model import World

STATES_MAX = 400_000  # then the search gives up; a verdict then says so
ATTEMPTS, ATTEMPT_STATES = 12, 2000


class Verdict(NamedTuple):
    ok: bool
    states: int
    reached: int  # observations that could be explained
    steps: list  # one explanation; of the part that could be explained, where there is none
    gave_up: bool

    def describe(self, observations):
        if self.ok:
            return "explained:\n" + "\n".join(self.steps)
        why = "gave up" if self.gave_up else "no explanation"
        lines = [f"{'!!' if i == self.reached else '  '} {observation}"
                 for i, observation in enumerate(observations)]
        return "\n".join([f"{why} ({self.states} states):"] + lines +
                         ["the longest part can be explained so:"] + self.steps)


def only_looks(observation):
    """Waiting would lead to nothing else, so it is taken as soon as it is possible."""
    return observation[0] in ("read", "stable")


def losers_allowed(observations):
    """Per observation: what may lie in conflicts by then, as they stay for ever. None: anything."""
    bounds, bound = [], None
    for observation in reversed(observations):
        if observation[0] == "stable":
            bound = observation[2] if bound is None else bound & observation[2]
        bounds.append(bound)
    return bounds[::-1]


def from_nowhere(observations):
    """The index of the first observation of a value that nobody has written by then, or None."""
    written = {None}
    for index, (what, *rest) in enumerate(observations):
        if what == "write":
            written.add(rest[1])
        elif what == "read" and rest[1] not in written:
            return index
        elif what == "stable" and not {rest[0], *rest[1]} <= written:
            return index
    return None


def explain(nodes, observations, states_max=STATES_MAX):
    """Searches an explanation: a few short attempts in random order, since a wrong guess at the
    beginning shows only at the end; then all there is. Laziest explanations come first."""
    nowhere = from_nowhere(observations)
    if nowhere is not None:
        return Verdict(False, 0, nowhere, [], False)
    bounds = losers_allowed(observations)
    states = 0
    for attempt in range(ATTEMPTS):
        rng = random.Random(attempt) if attempt > 0 else None
        verdict = search(nodes, observations, bounds, min(ATTEMPT_STATES, states_max), rng)
        states += verdict.states
        if verdict.ok or not verdict.gave_up:
            return verdict._replace(states=states)
    return search(nodes, observations, bounds, states_max, None)


def search(nodes, observations, bounds, states_max, rng):
    world = World(nodes)
    first = (0, world.first())
    came_from = {first: None}
    stack, furthest = [first], first
    while stack:
        here = stack.pop()
        index, state = here
        if index > furthest[0]:
            furthest = here
        gave_up = len(came_from) > states_max
        if index == len(observations) or gave_up:
            return Verdict(not gave_up, len(came_from), furthest[0],
                           steps_to(furthest, came_from), gave_up)
        seen = world.observe(state, observations[index])
        after = []
        if seen is None or not only_looks(observations[index]):
            after = [(what, (index, hidden)) for what, hidden in world.hidden_steps(state)
                     if bounds[index] is None or hidden.losers <= bounds[index]]
        if seen is not None:
            after.append((observations[index], (index + 1, seen)))
        if rng is not None:
            rng.shuffle(after)
        for what, there in after:
            if there not in came_from:
                came_from[there] = (here, what)
                stack.append(there)
    return Verdict(False, len(came_from), furthest[0], steps_to(furthest, came_from), False)


def steps_to(there, came_from):
    steps = []
    while came_from[there] is not None:
        there, what = came_from[there]
        steps.append(f"{what[0]}({', '.join(map(str, what[1:]))})")
    return steps[::-1]
