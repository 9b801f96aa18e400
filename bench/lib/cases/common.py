"""What all cases share: who takes part, and going on with the others when one fails."""

import contextlib
import dataclasses
import os
import subprocess

from lab import say
from results import number
from sides import Failed


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    title: str
    words: str  # what is done, and what the figures mean
    unit: str
    run: object  # run(lab, results)
    targets: tuple = ()
    by_default: bool = True


def taking_part(lab, kinds):
    """Of these peers, those that are wanted and installed."""
    found = []
    for kind in kinds:
        if not lab.wanted(kind.name):
            continue
        if kind.missing():
            say(f"  {kind.name}: {', '.join(kind.missing())} missing: bench/run --install-peers")
        else:
            found.append(kind)
    return found


@contextlib.contextmanager
def attempt(results, candidate):
    """A candidate that fails is listed, and makes the whole run fail; the others go on."""
    try:
        yield
    except (Failed, AssertionError, OSError, subprocess.SubprocessError) as problem:
        text = f"{type(problem).__name__}: {problem}"
        output = getattr(problem, "stderr", None) or getattr(problem, "output", None)
        if output:
            text += f": {os.fsdecode(output).strip()[-500:]}"
        results.failures.append((candidate, text))
        say(f"  {candidate} FAILED: {text}")


@contextlib.contextmanager
def ended(peer):
    """Nothing of it runs afterwards."""
    try:
        yield peer
    finally:
        peer.end()


def note(results, candidate, sample, part="", limit=False):
    results.add(candidate, sample, part, limit)
    more = "" if limit else (f"  CPU {sample.cpu[0]:.2f} + {sample.cpu[1]:.2f} s, "
                             f"{sample.wire[0] / 1e6:.3f} / {sample.wire[1] / 1e6:.3f} MB, "
                             f"MiB {sample.processes()}")
    say(f"  {part + ': ' if part else ''}{candidate:26} "
        f"{number(sample.value, results.case.unit):>14}{more}")
