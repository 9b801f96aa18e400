"""The two machines of a measurement: a network namespace and a control group for each.

A link joins them: `Wire` (a veth pair) or `SlowLine` (two TUN devices with bench/slow_line.cc
between them). Bytes on the wire are those of the devices' counters, headers included; with
segmentation off-load a veth counts few packet headers. Both ends use cubic, as most machines do.
"""

import os
import subprocess
import sys

from network import Namespace
from privileges import Refused, run

from paths import SLOW_LINE
from processes import Group


class Failed(Exception):
    """Something that was measured did not work: says what, and what it printed."""


def check(done, what):
    if done.returncode != 0:
        text = os.fsdecode((done.stdout or b"") + (done.stderr or b"")).strip()
        raise Failed(f"{what}: exit status {done.returncode}: {text[-1500:]}")
    return os.fsdecode(done.stdout or b"")


class Side:
    """One machine. What runs here is counted here; `uncounted` is for questions to daemons."""

    def __init__(self, name, host, link):
        self.name, self.host = name, host
        self._space = Namespace()
        self.group = Group(f"{link}-{name}", self.namespace)
        self.uncounted = self._space.prefix
        self.prefix = self.group.prefix + self.uncounted

    @property
    def namespace(self):
        return f"/proc/{self._space.pid}/ns/net"

    @property
    def pid(self):
        return self._space.pid

    def set_up(self, *commands):
        for command in commands:
            run(*self.uncounted, *command)

    def run(self, *command, **options):
        done = self.group.run([*self.prefix, *command], **options)
        return check(done, " ".join(map(os.fsdecode, command))[:200])

    def popen(self, *command, **options):
        return subprocess.Popen([*self.prefix, *command], stdin=subprocess.DEVNULL, **options)

    def sent_bytes(self, device):
        with open(f"/proc/{self.pid}/net/dev", encoding="ascii") as file:
            for line in file:
                name, _, numbers = line.partition(":")
                if name.strip() == device:
                    return int(numbers.split()[8])
        raise Failed(f"{self.name}: no device {device}")

    def close(self):
        self._space.close()
        self.group.close()


class Link:
    """Two sides with something between them; subclasses say what."""

    device, words = "eth0", ""

    def __init__(self):
        kind = type(self).__name__.lower()
        self.a = Side("a", "10.77.0.1", kind)
        self.b = Side("b", "10.77.0.2", kind)
        try:
            self.join()
            for side in (self.a, self.b):
                self.set_cubic(side)
        except (Refused, Failed):
            self.close()
            raise

    def join(self):
        raise NotImplementedError

    def address(self, side, *more):
        side.set_up(("ip", "link", "set", "lo", "up"),
                    ("ip", "address", "add", f"{side.host}/24", "dev", self.device, *more),
                    ("ip", "link", "set", self.device, "up"))

    def set_cubic(self, side):
        """By the route: the system's own setting may be refused in a namespace. Where there is no
        cubic the system's own stays."""
        try:
            side.set_up(("ip", "route", "replace", "10.77.0.0/24", "dev", self.device, "proto",
                         "kernel", "scope", "link", "src", side.host, "congctl", "cubic"))
        except Refused as refused:
            print(f"without cubic: {refused}", file=sys.stderr)

    def counters(self):
        return self.a.sent_bytes(self.device), self.b.sent_bytes(self.device)

    def close(self):
        self.a.close()
        self.b.close()


class Wire(Link):
    words = "two network namespaces joined by a veth pair"

    def join(self):
        self.a.set_up(("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0",
                       "netns", str(self.b.pid)))
        for side in (self.a, self.b):
            self.address(side)


class SlowLine(Link):
    device = "line"
    delay_ms, bits_per_s, loss, queue_bytes, mtu = 20, 20_000_000, 0.001, 256 << 10, 1420
    words = ("slow line: 40 ms round trip, 20 Mbit/s each way, 0.1 % random loss, 256 KiB "
             "drop-tail queue, MTU 1420")

    def join(self):
        self._line = subprocess.Popen(
            [SLOW_LINE, self.a.namespace, self.b.namespace, str(self.delay_ms),
             str(self.bits_per_s), str(self.loss), str(self.queue_bytes), str(self.mtu)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        if not self._line.stdout.readline():
            raise Failed("bench_slow_line did not make its devices: it needs /dev/net/tun")
        for side in (self.a, self.b):
            self.address(side)

    def close(self):
        self._line.stdin.close()
        self._line.wait()
        self._line.stdout.close()
        super().close()
