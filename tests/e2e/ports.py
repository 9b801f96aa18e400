"""Ports for agents, none of them used by two tests that run at the same time."""

import fcntl
import os
import socket
import tempfile


USER = os.getuid()  # before privileges.enter() gives it another number


class Ports:
    """A range of ports that no other test process uses, below those of outgoing connections:
    nobody takes one while its agent is away."""

    FIRST, SLOTS, PER_SLOT = 20000, 240, 50

    def __init__(self):
        self._given = 0
        for slot in range(self.SLOTS):
            name = os.path.join(tempfile.gettempdir(), f"atoz-e2e-ports-{USER}-{slot}")
            self._lock = open(name, "wb")
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._lock.close()
                continue
            self._first = self.FIRST + slot * self.PER_SLOT
            return
        raise AssertionError("no free range of ports")

    def take(self):
        for _ in range(self.PER_SLOT):
            port = self._first + self._given % self.PER_SLOT
            self._given += 1
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
        raise AssertionError("no free port")


_ports = None


def free_port():
    global _ports
    _ports = _ports or Ports()
    return _ports.take()
