"""The model of one name, for the oracle: versions, what nodes know, and the hidden steps.

Their server is gone: every node has the value on its disk and a *row*, the version it takes part
with, or none. A version is a value, the set of changes it has seen, a rank, and the values it
replaced. What a node has had as its row, others may hear, once or often, early or late. Hidden
steps, one node each, none while it is frozen:

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


class Version(NamedTuple):
    value: object
    vector: tuple  # per node: how many of its changes have been seen
    rank: int  # of its notice
    chain: tuple  # newest first


class State(NamedTuple):
    """Versions are numbers here, as given out by World."""
    disks: tuple
    rows: tuple  # None: no row
    heard_of: frozenset  # versions that were rows and that somebody has not seen all of
    holders: frozenset  # (deletion, node): has had it
    losers: frozenset
    frozen: frozenset


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


def meet(ours, theirs, ours_complete, theirs_complete):
    """The possible results of hearing `theirs`: (row, loser), loser a tuple of none or one value.

    Complete: a deletion that every node has had.
    """
    older, newer = seen_by(theirs, ours), seen_by(ours, theirs)
    if older and not newer:
        return []
    if newer and not older:
        return [(theirs, ())]
    higher, lower = (theirs, ours) if theirs.rank > ours.rank else (ours, theirs)
    if ours.value == theirs.value:
        return [(merged(higher, lower), ())]
    higher, lower = stands(ours, theirs)
    conflict = (merged(higher, lower), (lower.value,))
    if older and newer:  # three met in different orders: the rank makes them equal
        return [conflict]
    results = []
    for deletion, other, complete in ((ours, theirs, ours_complete),
                                      (theirs, ours, theirs_complete)):
        if complete:
            results.append((merged(other, deletion), ()))
    ours_replaced = ours.value is not None and ours.value in theirs.chain
    theirs_replaced = theirs.value is not None and theirs.value in ours.chain
    if ours_replaced != theirs_replaced:
        pair = (theirs, ours) if ours_replaced else (ours, theirs)
        return results + [(merged(*pair), ())]
    return results + [conflict]


def stands(left, right):
    """(winner, loser) of two contents that nobody has seen together."""
    def key(version):
        return (version.value is not None, version.rank)
    return (left, right) if key(left) > key(right) else (right, left)


class World:
    """The versions of one search, numbered, and the hidden steps between its states."""

    def __init__(self, nodes):
        self._nodes = nodes
        self._versions = []
        self._numbers = {}
        self._meetings = {}
        self._seen = {}

    def first(self):
        nothing = (None,) * self._nodes
        return State(nothing, nothing, *[frozenset()] * 4)

    def number(self, version):
        found = self._numbers.get(version)
        if found is None:
            found = self._numbers[version] = len(self._versions)
            self._versions.append(version)
        return found

    def value(self, row):
        return None if row is None else self._versions[row].value

    def _seen_by(self, left, right):
        key = (left, right)
        if key not in self._seen:
            self._seen[key] = seen_by(self._versions[left], self._versions[right])
        return self._seen[key]

    def _meet(self, ours, theirs, complete):
        if ours is None:
            return [(theirs, ())]
        key = (ours, theirs, ours in complete, theirs in complete)
        if key not in self._meetings:
            met = meet(self._versions[ours], self._versions[theirs], *key[2:])
            self._meetings[key] = [(self.number(after), loser) for after, loser in met]
        return self._meetings[key]

    def complete(self, state):
        """The deletions that every node has had."""
        nodes = [version for version, _ in state.holders]
        return {version for version in nodes if nodes.count(version) == self._nodes}

    def _with_row(self, state, node, row, disks, losers):
        rows = changed(state.rows, node, row)
        heard_of, holders = state.heard_of, state.holders
        if row is not None:
            heard_of = heard_of | {row}
            if self.value(row) is None:
                holders = holders | {(row, node)}
        if None not in rows:
            # What all have seen can be heard as often as you like.
            heard_of = frozenset(v for v in heard_of if v in rows or
                                 not all(self._seen_by(v, other) for other in rows))
            holders = frozenset(pair for pair in holders if pair[0] in heard_of)
        return State(disks, rows, heard_of, holders, losers, state.frozen)

    def _notice(self, state, node):
        row, value = state.rows[node], state.disks[node]
        if self.value(row) == value:
            return None
        before = Version(None, (0,) * self._nodes, 0, ())
        if row is not None:
            before = self._versions[row]
        known = [self._versions[v] for v in state.heard_of] + [before]
        # A counter is never given twice, also not after its row was forgotten.
        own = 1 + max(version.vector[node] for version in known)
        chain = before.chain
        if before.value is not None:
            chain = (before.value,) + tuple(v for v in chain if v != before.value)
        version = Version(value, changed(before.vector, node, own),
                          1 + max(version.rank for version in known), chain[:CHAIN_MAX])
        return self._with_row(state, node, self.number(version), state.disks, state.losers)

    def _hear(self, state, node, version, complete):
        row, disk = state.rows[node], state.disks[node]
        standing = self.value(row)
        for after, loser in self._meet(row, version, complete):
            value = self.value(after)
            if (after == row and not loser) or (value != standing and disk != standing):
                continue
            disks = changed(state.disks, node, value) if disk == standing else state.disks
            yield self._with_row(state, node, after, disks, state.losers.union(loser))

    def hidden_steps(self, state):
        """Yields (what, its arguments, state)."""
        complete = self.complete(state)
        past = [v for v in state.heard_of
                if not any(v != gone and self._seen_by(v, gone) for gone in complete)]
        past.sort(key=lambda v: (self._versions[v].rank, v))
        for node in range(self._nodes):
            if node in state.frozen:
                continue
            row = state.rows[node]
            for version in past:
                if version == row or (version in complete and row is None):
                    continue
                for after in self._hear(state, node, version, complete):
                    yield ("hear", node, self.value(version)), after
            if row in complete and state.disks[node] is None:
                yield ("forget", node), self._with_row(state, node, None, state.disks,
                                                       state.losers)
            after = self._notice(state, node)
            if after is not None:
                yield ("notice", node, state.disks[node]), after

    def observe(self, state, observation):
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
        return self._at_rest(state, *rest)

    def _at_rest(self, state, value, losers):
        """Nothing is under way any more: what was replaced will not be heard again."""
        complete = self.complete(state)
        rows = {row for row in state.rows if row is not None}
        if (None in state.rows and rows - complete) or state.losers != losers:
            return None
        if any(disk != value for disk in state.disks):
            return None
        if any(self.value(row) != value for row in state.rows):
            return None
        if len({self._versions[row].vector for row in rows}) > 1:
            return None
        return self._renumbered(state._replace(heard_of=frozenset(rows | complete)))

    def _renumbered(self, state):
        """The same with the smallest counters and ranks: what led here no longer matters."""
        kept = [self._versions[v] for v in sorted(state.heard_of)]
        ranks = sorted({version.rank for version in kept})
        counters = [sorted({0} | {version.vector[node] for version in kept})
                    for node in range(self._nodes)]

        def small(number):
            if number is None:
                return None
            version = self._versions[number]
            vector = tuple(map(list.index, counters, version.vector))
            return self.number(version._replace(rank=ranks.index(version.rank) + 1, vector=vector))

        return state._replace(rows=tuple(map(small, state.rows)),
                              heard_of=frozenset(map(small, state.heard_of)),
                              holders=frozenset((small(v), node) for v, node in state.holders
                                                if v in state.heard_of))
