"""One measurement: seconds, CPU and peak memory of both sides, bytes on the wire both ways."""

import dataclasses
import time

from processes import Peaks

MIB = 1 << 20
QUIET_S = 1.0
QUIET_MAX_S = 120


@dataclasses.dataclass
class Sample:
    """What one run of one candidate cost. `value` is what the case is about, in its unit; `spread`
    holds all values where a run has many (the latency of each file)."""

    value: float = 0.0
    seconds: float = 0.0
    cpu: tuple = (0.0, 0.0)
    peaks: tuple = ((), ())
    wire: tuple = (0, 0)
    spread: list = None
    per_file: float = 0.0  # bytes of memory
    note: str = ""

    def peak_bytes(self, side):
        """Of the processes of a side that ran together, each at its own peak."""
        return sum(size for _, size in self.peaks[side])

    def processes(self):
        words = [" + ".join(f"{name} {size / MIB:.0f}" for name, size in side[:4])
                 for side in self.peaks]
        return f"{words[0] or '–'} / {words[1] or '–'}"


class Span:
    """`with Span(link) as span:` measures what happens in it; the clock may stop before the end, so
    that bytes still on their way are counted."""

    def __init__(self, link):
        self._link = link
        self.sample = Sample()

    def __enter__(self):
        self._peaks = Peaks([self._link.a.group, self._link.b.group])
        self._cpu = self._cpu_now()
        self._wire = self._link.counters()
        self._start = time.monotonic()
        return self

    def stop_clock(self):
        if not self.sample.seconds:
            self.sample.seconds = self.sample.value = time.monotonic() - self._start

    def until_quiet(self):
        """Waits until nothing has gone over the wire for a while."""
        end = time.monotonic() + QUIET_MAX_S
        last, since = self._link.counters(), time.monotonic()
        while time.monotonic() - since < QUIET_S and time.monotonic() < end:
            time.sleep(0.05)
            now = self._link.counters()
            if now != last:
                last, since = now, time.monotonic()

    def __exit__(self, kind, *_):
        peaks = self._peaks.stop()
        if kind is not None:
            return
        self.stop_clock()
        self.sample.cpu = tuple(now - then for now, then in zip(self._cpu_now(), self._cpu))
        self.sample.wire = tuple(
            now - then for now, then in zip(self._link.counters(), self._wire))
        self.sample.peaks = tuple(map(tuple, peaks))

    def _cpu_now(self):
        return self._link.a.group.cpu_s(), self._link.b.group.cpu_s()


def timed(action):
    start = time.monotonic()
    action()
    return time.monotonic() - start
