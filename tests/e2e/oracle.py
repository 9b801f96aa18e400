"""Can what was seen from outside be explained at all? A search through the model of one name.

In the manner of J. Hughes, B. Pierce, T. Arts, U. Norell, "Mysteries of Dropbox: property-based
testing of a distributed synchronization service" (ICST 2016): nothing but the folders is looked
at, and the oracle asks whether *any* sequence of hidden steps leads through all observations.

What is observed of one name, in this order (None = no such file):

    ("write", node, new, old)   `new` took the place of `old` in one step; None deletes
    ("read", node, value)
    ("freeze", node), ("thaw", node)   its agent stands still in between
    ("stable", value, losers)   all agents say that nothing is left to do: every folder has `value`,
                                and `losers` is the set of values that lie in conflicts

The model. Their server is gone: every node has the value on its disk and a *row*, the version it
takes part with, or none. A version is a value, the set of changes it has seen, a rank, and the
values it replaced. What a node has had as its row, others may hear, once or often, early or late.
Hidden steps, one node each, none while it is frozen:

    notice(n)   the disk differs from the row: a new version that has seen the row, of highest rank
    hear(n, v)  n meets a version: the newer stands; of two concurrent ones the later noticed one
                stands and the other is a conflict; an edit stands against a deletion. Where this
                changes the disk, the disk has to be as the row says: else n has to notice first
    forget(n)   a deletion that every node has had: its row goes, and nothing that it had seen is
                heard again. It also gives way to a new file without a conflict

docs/black-box.md tells it at length. Files only, no folders; resolved conflicts are not modelled.
"""

from typing import NamedTuple

CHAIN_MAX = 8  # values that a version remembers to have replaced
STATES_MAX = 400_000  # then the search gives up; a verdict then says so


class Version(NamedTuple):
    value: object
    vector: tuple  # per node: how many of its changes have been seen
    rank: int
    chain: tuple  # newest first


class State(NamedTuple):
    clock: int  # of the notices
    disks: tuple
    rows: tuple  # Version or None
    heard_of: frozenset  # versions that were rows
    holders: frozenset  # (deletion, node): has had it
    losers: frozenset
    frozen: frozenset


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


def changed(items, index, item):
    return items[:index] + (item,) + items[index + 1:]


def seen_by(left, right):
    """`right` has seen all of `left`."""
    return all(a <= b for a, b in zip(left.vector, right.vector))


def merged(stays, goes):
    """What stands when both have met."""
    chain = stays.chain
    if goes.value not in (None, stays.value) and goes.value not in chain:
        chain = ((goes.value,) + chain)[:CHAIN_MAX]
    vector = tuple(map(max, stays.vector, goes.vector))
    return Version(stays.value, vector, stays.rank, chain)


def meet(ours, theirs, complete):
    """The possible results of hearing `theirs`: (row, loser), loser a tuple of none or one value.

    `complete`: deletions that every node has had.
    """
    if ours is None:
        return [(theirs, ())]
    older, newer = seen_by(theirs, ours), seen_by(ours, theirs)
    if older and not newer:
        return []
    if newer and not older:
        return [(theirs, ())]
    higher = theirs if theirs.rank > ours.rank else ours
    lower = ours if higher is theirs else theirs
    if ours.value == theirs.value:
        return [(merged(higher, lower), ())]
    if older and newer:  # three met in different orders: the rank makes them equal
        higher, lower = stands(ours, theirs)
        return [(merged(higher, lower), (lower.value,))]
    results = []
    for deletion, other in ((ours, theirs), (theirs, ours)):
        if deletion in complete:
            results.append((merged(other, deletion), ()))
    ours_replaced = ours.value is not None and ours.value in theirs.chain
    theirs_replaced = theirs.value is not None and theirs.value in ours.chain
    if ours_replaced != theirs_replaced:
        pair = (theirs, ours) if ours_replaced else (ours, theirs)
        return results + [(merged(*pair), ())]
    higher, lower = stands(ours, theirs)
    return results + [(merged(higher, lower), (lower.value,))]


def stands(left, right):
    """(winner, loser) of two contents that nobody has seen together."""
    def key(version):
        return (version.value is not None, version.rank)
    return (left, right) if key(left) > key(right) else (right, left)


def complete_deletions(state):
    count = {}
    for version, _ in state.holders:
        count[version] = count.get(version, 0) + 1
    return {version for version, nodes in count.items() if nodes == len(state.disks)}


def with_row(state, node, row, **more):
    heard_of, holders = state.heard_of, state.holders
    if row is not None:
        heard_of = heard_of | {row}
        if row.value is None:
            holders = holders | {(row, node)}
    return state._replace(rows=changed(state.rows, node, row), heard_of=heard_of, holders=holders,
                          **more)


def notice(state, node):
    row, value = state.rows[node], state.disks[node]
    if (row.value if row else None) == value:
        return None
    vector = row.vector if row else (0,) * len(state.disks)
    vector = changed(vector, node, vector[node] + 1)
    # A counter is never given twice, also not after its row was forgotten.
    own = max((v.vector[node] for v in state.heard_of), default=0)
    vector = changed(vector, node, max(vector[node], own + 1))
    chain = ()
    if row is not None:
        before = () if row.value is None else (row.value,)
        chain = (before + tuple(v for v in row.chain if v not in before))[:CHAIN_MAX]
    version = Version(value, vector, state.clock + 1, chain)
    return with_row(state, node, version, clock=state.clock + 1)


def hear(state, node, version, complete):
    row, disk = state.rows[node], state.disks[node]
    clean = (row.value if row else None) == disk
    for after, loser in meet(row, version, complete):
        if after == row and not loser:
            continue
        if after.value != (row.value if row else None) and not clean:
            continue
        disks = changed(state.disks, node, after.value) if clean else state.disks
        yield with_row(state, node, after, disks=disks, losers=state.losers | set(loser))


def hidden_steps(state):
    """Yields (what, state)."""
    complete = complete_deletions(state)
    past = [v for v in state.heard_of
            if not any(v != gone and seen_by(v, gone) for gone in complete)]
    for node in range(len(state.disks)):
        if node in state.frozen:
            continue
        row = state.rows[node]
        for version in sorted(past, key=lambda v: v.rank):
            if version == row or (version in complete and row is None):
                continue
            for after in hear(state, node, version, complete):
                yield f"hear({node}, {version.value})", after
        if row in complete and state.disks[node] is None:
            yield f"forget({node})", with_row(state, node, None)
        after = notice(state, node)
        if after is not None:
            yield f"notice({node}, {state.disks[node]})", after


def observe(state, observation):
    """The state after it, or None where it cannot be seen now."""
    kind, *rest = observation
    if kind == "write":
        node, new, old = rest
        if state.disks[node] != old:
            return None
        return state._replace(disks=changed(state.disks, node, new))
    if kind == "read":
        node, value = rest
        return state if state.disks[node] == value else None
    if kind == "freeze":
        return state._replace(frozen=state.frozen | set(rest))
    if kind == "thaw":
        return state._replace(frozen=state.frozen - set(rest))
    return at_rest(state, *rest)


def at_rest(state, value, losers):
    """Nothing is under way any more: what was replaced will not be heard again."""
    complete = complete_deletions(state)
    rows = {row for row in state.rows if row is not None}
    forgotten = None in state.rows and bool(rows - complete)
    if forgotten or len({row.vector for row in rows}) > 1 or state.losers != losers:
        return None
    if any(disk != value for disk in state.disks) or any(row.value != value for row in rows):
        return None
    if value is not None and not rows:
        return None
    return state._replace(heard_of=frozenset(rows | complete))


def only_looks(observation):
    """Waiting would lead to nothing else, so it is taken as soon as it is possible."""
    return observation[0] in ("read", "stable")


def losers_allowed(observations):
    """Per observation: what may lie in conflicts by then, as they never go away. None = anything."""
    bounds, bound = [], None
    for observation in reversed(observations):
        if observation[0] == "stable":
            bound = observation[2] if bound is None else bound & observation[2]
        bounds.append(bound)
    return bounds[::-1]


def explain(nodes, observations, states_max=STATES_MAX):
    """Searches an explanation, the laziest ones first."""
    none = frozenset()
    first = (0, State(0, (None,) * nodes, (None,) * nodes, none, none, none, none))
    came_from = {first: None}
    stack, furthest = [first], first
    bounds = losers_allowed(observations)
    while stack:
        here = stack.pop()
        index, state = here
        if index > furthest[0]:
            furthest = here
        if index == len(observations):
            return Verdict(True, len(came_from), index, steps_to(here, came_from), False)
        if len(came_from) > states_max:
            return Verdict(False, len(came_from), furthest[0], steps_to(furthest, came_from), True)
        seen = observe(state, observations[index])
        after = []
        if seen is None or not only_looks(observations[index]):
            after = [(what, (index, hidden)) for what, hidden in hidden_steps(state)
                     if bounds[index] is None or hidden.losers <= bounds[index]]
        if seen is not None:
            after.append((str(observations[index]), (index + 1, seen)))
        for what, there in after:
            if there not in came_from:
                came_from[there] = (here, what)
                stack.append(there)
    return Verdict(False, len(came_from), furthest[0], steps_to(furthest, came_from), False)


def steps_to(there, came_from):
    steps = []
    while came_from[there] is not None:
        there, what = came_from[there]
        steps.append(what)
    return steps[::-1]
