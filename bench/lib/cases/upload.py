"""An upload limit: how far what one side sends in some seconds is from what it may send.

The first two seconds are left out. Counted by the device, so that what TLS, TCP and IP add is in it:
the limit itself does not count that.
"""

import os
import time

from cases.common import attempt, ended, note, taking_part
from measure import Sample
from peers import Agent
from peers.base import until
from sides import Wire

BEFORE_S, MEASURED_S = 2, 10
# Words, bytes a second, mean size of the files.
PARTS = (("1 Mbit/s, a large file", "1 Mbit/s", 125_000, 0),
         ("8 Mbit/s, a large file", "8 Mbit/s", 1_000_000, 0),
         ("8 Mbit/s, files of 30 KB", "8 Mbit/s", 1_000_000, 30_000),
         ("200 Mbit/s, a large file", "200 Mbit/s", 25_000_000, 0))


def run(lab, results):
    results.heads.append(f"Over {MEASURED_S} s each; {Wire.words}.")
    for _ in range(lab.runs):
        for kind in taking_part(lab, (Agent,)):
            for part in PARTS:
                with attempt(results, kind.name):
                    _one(lab, results, kind, part)


def _one(lab, results, kind, part):
    words, limit, rate, size = part
    pair = lab.pair(kind.name)
    peer = kind(pair)
    with ended(peer):
        peer.prepare(0)
        peer.replicas[0].edit_config('upload_limit = "unlimited"', f'upload_limit = "{limit}"')
        peer.start()
        peer.settled()
        sent = pair.link.counters()[0]
        _write(pair.root_a, rate * (BEFORE_S + MEASURED_S) * 3 // 2, size)
        until(lambda: pair.link.counters()[0] > sent + rate // 4, "content is on its way", 0.01)
        time.sleep(BEFORE_S)
        before, began = pair.link.counters()[0], time.monotonic()
        time.sleep(MEASURED_S)
        sent, seconds = pair.link.counters()[0] - before, time.monotonic() - began
        peer.stop()
        percent = 100 * abs(sent / (rate * seconds) - 1)
        note(results, peer.name, Sample(value=percent, seconds=seconds), words, limit=True)
        lab.discard(pair.root_b)


def _write(root, total, size):
    """Files of this size, together `total` bytes; 0: one file."""
    place = os.path.join(root, "S", "Smith12")
    os.makedirs(place)
    for number in range(total // size if size else 1):
        with open(os.path.join(place, f"{number}.bin"), "wb") as file:
            file.write(os.urandom(size or total))
