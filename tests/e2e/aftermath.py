"""What must hold when a storm is over and all is healed. The same as the checkers of the simulator
look for, here from outside: folders, commands, nothing else."""

import os

from folder import contents_anywhere, tree
from replica import poll

LATE_LOOKS_S = 60  # by then kept files have been looked at for the last time


class Aftermath:
    """`wrong`: a line for everything that does not hold."""

    def __init__(self, test, replicas, ledger):
        self._test = test
        self._replicas = replicas
        self._ledger = ledger
        self.wrong = []

    def check(self, timeout_s):
        found = self._test.wait_equal(*self._replicas, timeout_s=timeout_s)
        self._contents(found)
        # Kept files are looked at again seconds later: a late write that is found then is news, and
        # not the doing of our second look.
        fine, known, now = self.wrong, None, self._late_writes()
        while known != now:
            self.wrong, known = list(fine), now
            self._conflicts()
            self._second_look(found, timeout_s)
            if self.wrong == fine:
                break
            self._test.wait_equal(*self._replicas, timeout_s=timeout_s)
            now = self._late_writes()
        self._kept_copies()
        return self.wrong

    def _late_writes(self):
        return {(replica.name, conflict["id"]) for replica in self._replicas
                for conflict in replica.conflicts() if conflict["kind"] == "late-write"}

    def _contents(self, found):
        for path, entry in found.items():
            if entry[0] == "file" and entry[1] not in self._ledger.allowed:
                self.wrong.append(f"{path!r}: nobody wrote this: {entry}")
        kept = set().union(*(contents_anywhere(replica.root) for replica in self._replicas))
        for digest, why in sorted(self._ledger.lost(kept).items(), key=lambda item: item[1]):
            self.wrong.append(f"lost: {digest}: {why}")

    def _conflicts(self):
        listed = [{c["id"]: c for c in replica.conflicts()} for replica in self._replicas]
        for replica, found in zip(self._replicas, listed):
            for conflict in found.values():
                del conflict["loser"]["kept_at"]  # each keeps it under a time of its own
        for replica, found in zip(self._replicas[1:], listed[1:]):
            for key in sorted(listed[0].keys() | found.keys()):
                left, right = listed[0].get(key), found.get(key)
                if left != right:
                    self.wrong.append(f"conflict {key}: {self._replicas[0].name} {left} / "
                                      f"{replica.name} {right}")

    def _kept_copies(self):
        """Where a loser is said to lie, it lies; where one replica has it, all have. Somebody who
        still had it open may have written into it: then it is said to lie there until the next look
        at kept files."""
        try:
            poll(lambda: not self._missing_copies(), "the losers are where they are said to be",
                 LATE_LOOKS_S, pause_s=1)
        except AssertionError:
            self.wrong += self._missing_copies()

    def _missing_copies(self):
        missing, having, lacking = [], set(), []
        for replica in self._replicas:
            for conflict in replica.conflicts():
                where = conflict["loser"]["kept_at"]
                if where is None:
                    if conflict["state"] == "open" and conflict["loser"]["hash"] is not None:
                        lacking.append((replica.name, conflict))
                    continue
                having.add(conflict["id"])
                full = os.path.join(replica.root, os.fsencode(where))
                if not os.path.isfile(full) or os.path.getsize(full) != conflict["loser"]["size"]:
                    missing.append(f"{replica.name}: the bytes of a loser are not there: {conflict}")
        return missing + [f"{name}: others have the bytes of a loser: {conflict}"
                          for name, conflict in lacking if conflict["id"] in having]

    def _second_look(self, found, timeout_s):
        before = self._counters()
        for replica in self._replicas:
            report = replica.ok("resync", "--verify", "--json", rc=(0, 1), timeout_s=300).json()
            if report["difference_count"] != 0:
                self.wrong.append(f"{replica.name}: resync --verify: {report}")
        self._test.wait_equal(*self._replicas, expected=found, timeout_s=timeout_s)
        if before != self._counters():
            self.wrong.append(f"a second look did something: {before} / {self._counters()}")

    def _counters(self):
        counters = []
        for replica in self._replicas:
            status = replica.status()
            counters.append((replica.name, status["sequence"],
                             sorted((p["name"], p["received_bytes"]) for p in status["peers"])))
        return counters


def everything(replicas):
    """For a report: what lies where."""
    lines = []
    for replica in replicas:
        lines.append(f"--- {replica.name}")
        for path, entry in sorted(tree(replica.root, everything=True).items()):
            lines.append(f"{path!r} {entry}")
        for directory, _, names in os.walk(os.path.join(replica.root, b".atozsync")):
            lines += [repr(os.path.relpath(os.path.join(directory, name), replica.root))
                      for name in sorted(names)]
    return "\n".join(lines)
