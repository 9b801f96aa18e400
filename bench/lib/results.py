"""What was measured: medians with spread, and how far the agent is from what it must reach."""

import dataclasses
import statistics

from measure import MIB


@dataclasses.dataclass(frozen=True)
class Target:
    """The agent's `measure` is to be at most `limit` (in the unit of the measure), or at most
    `limit` times that of `reference`: a candidate's name, or BEST for the fastest peer."""

    limit: float
    reference: str = ""
    measure: str = "value"  # or "p99", "memory", "per_file", "idle"
    part: str = ""
    candidate: str = "atozsync"


BEST = "the best peer"
UNITS = {"s": 3, "ms": 1, "kB": 1, "MiB": 1, "cores": 5, "MB/s": 0, "files/s": 0, "B": 0, "%": 2}
_MEASURE_UNITS = {"memory": "MiB", "idle": "cores", "per_file": "B"}


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Results:
    """The samples of one case, by part and candidate, in the order in which they came."""

    def __init__(self, case):
        self.case = case
        self.samples = {}  # (part, candidate) → list
        self.limits = set()  # candidates that are no peers
        self.heads = []  # lines above the table
        self.failures = []  # (candidate, text)

    def add(self, candidate, sample, part="", limit=False):
        self.samples.setdefault((part, candidate), []).append(sample)
        if limit:
            self.limits.add(candidate)

    def candidates(self, part):
        return [name for where, name in self.samples if where == part]

    def parts(self):
        return list(dict.fromkeys(part for part, _ in self.samples))

    def values(self, part, candidate, measure="value"):
        """One number for each run."""
        samples = self.samples.get((part, candidate), [])
        if measure == "p99":
            every = [value for sample in samples for value in sample.spread or [sample.value]]
            return [percentile(every, 0.99)] if every else []
        if measure == "memory":
            return [max(sample.peak_bytes(0), sample.peak_bytes(1)) / MIB for sample in samples]
        if measure == "per_file":
            return [sample.per_file for sample in samples]
        if measure == "idle":
            return [max(sample.cpu) / sample.seconds for sample in samples]
        return [sample.value for sample in samples]

    def every_value(self, part, candidate):
        return [value for sample in self.samples[(part, candidate)]
                for value in sample.spread or [sample.value]]


@dataclasses.dataclass
class Reach:
    """A target and what came of it."""

    words: str
    figure: str
    ratio: float  # to the limit; at most 1 is met

    @property
    def verdict(self):
        return "met" if self.ratio <= 1 else "missed"


def number(value, unit):
    return f"{value:,.{UNITS[unit]}f} {unit}"


def reaches(results):
    """Every target for which there are figures."""
    return [reach for target in results.case.targets
            if (reach := _reach(results, target)) is not None]


def _reach(results, target):
    part = target.part
    mine = results.values(part, target.candidate, target.measure)
    if not mine:
        return None
    unit = _MEASURE_UNITS.get(target.measure, results.case.unit)
    what = {"value": part or "median", "p99": f"{part} p99".strip(), "memory": "peak memory",
            "idle": "idle", "per_file": "memory a file"}[target.measure]
    middle = statistics.median(mine)
    if not target.reference:
        words = f"{what} ≤ {number(target.limit, unit)}"
        return Reach(words, number(middle, unit), middle / target.limit)
    reference = _best(results, part) if target.reference == BEST else target.reference
    theirs = results.values(part, reference) if reference else []
    if not theirs:
        return None
    # Runs that stood side by side are compared with each other.
    ratio = statistics.median(a / b for a, b in zip(mine, theirs))
    name = f"{target.reference} ({reference})" if target.reference == BEST else reference
    return Reach(f"{what} ≤ {target.limit:g} × {name}", f"{ratio:.2f} ×", ratio / target.limit)


def _best(results, part):
    peers = [name for name in results.candidates(part)
             if name not in results.limits and not name.startswith("atozsync")]
    return min(peers, default=None,
               key=lambda name: statistics.median(results.values(part, name)))
