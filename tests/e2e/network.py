"""Machines on a network of their own: a namespace for each, joined by a bridge in another one.

Nothing of the host's network is touched. Each namespace lives as long as a small process in it,
which ends when this process ends, however that happens: nothing stays behind. Needs
privileges.enter(). Where that is refused there is Loopback.
"""

import subprocess

from privileges import Refused, run


class Namespace:
    """A network namespace."""

    def __init__(self):
        # Reads its input until that ends – with us.
        self._holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec cat"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if not self._holder.stdout.readline():
            self.close()
            raise Refused("unshare --net: no network namespace")
        self.pid = self._holder.pid
        self.prefix = ["nsenter", f"--net=/proc/{self.pid}/ns/net", "--"]

    def run(self, *command):
        return run(*self.prefix, *command)

    def close(self):
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait()


class Loopback:
    """All machines share the network of this one: nothing can happen to it."""

    kinds = ()

    def host(self, _):
        return "127.0.0.1"

    def prefix(self, _):
        return []

    def close(self):
        pass


class Network:
    """Machines by name; `host(name)` is the address. All links are up at first. `kinds`: what can
    happen to them; some kernels cannot break connections, or slow them down."""

    def __init__(self, names):
        self._hub = Namespace()
        self._machines = {}
        self._numbers = {}
        try:
            self._hub.run("ip", "link", "add", "hub", "type", "bridge")
            self._hub.run("ip", "link", "set", "hub", "up")
            for number, name in enumerate(names, 1):
                self._add(name, number)
        except Refused:
            self.close()
            raise
        self.missing = {}  # what cannot happen → why
        for kind, test in (("reset", self.reset), ("throttle", self._try_throttle)):
            try:
                test(names[0])
            except Refused as refused:
                self.missing[kind] = refused
        self.kinds = [kind for kind in ("cut", "half_open", "reset", "throttle")
                      if kind not in self.missing]

    def _try_throttle(self, name):
        self.throttle(name, "2mbit")
        self.throttle(name, None)

    def _add(self, name, number):
        machine = Namespace()
        self._machines[name], self._numbers[name] = machine, number
        self._hub.run("ip", "link", "add", self._port(name), "type", "veth",
                      "peer", "name", "eth0", "netns", str(machine.pid))
        self._hub.run("ip", "link", "set", self._port(name), "master", "hub", "up")
        machine.run("ip", "link", "set", "lo", "up")
        machine.run("ip", "link", "set", "eth0", "address", f"02:00:00:00:00:{number:02x}")
        machine.run("ip", "address", "add", f"{self.host(name)}/24", "dev", "eth0")
        machine.run("ip", "link", "set", "eth0", "up")

    @staticmethod
    def _port(name):
        return f"port-{name}"

    def host(self, name):
        return f"10.77.0.{self._numbers[name]}"

    def prefix(self, name):
        return self._machines[name].prefix

    def cut(self, name):
        """Nothing passes, and nobody is told: the cable is out at the far end."""
        self._hub.run("ip", "link", "set", self._port(name), "down")

    def mend(self, name):
        self._hub.run("ip", "link", "set", self._port(name), "up")

    def deafen(self, source, target):
        """What `source` sends to `target` vanishes; the other direction goes on."""
        self._neighbour(source, target, "02:00:00:00:00:fe")

    def undeafen(self, source, target):
        self._neighbour(source, target, f"02:00:00:00:00:{self._numbers[target]:02x}")

    def _neighbour(self, source, target, hardware_address):
        self._machines[source].run("ip", "neighbour", "replace", self.host(target), "lladdr",
                                   hardware_address, "nud", "permanent", "dev", "eth0")

    def reset(self, name):
        """All connections of this machine break; both ends are told."""
        self._machines[name].run("ss", "--kill", "--tcp", "dst", "10.77.0.0/24")

    def throttle(self, name, rate):
        """Sends no faster than that: "2mbit". None: as fast as it can."""
        if rate is None:
            self._machines[name].run("tc", "qdisc", "delete", "dev", "eth0", "root")
        else:
            self._machines[name].run("tc", "qdisc", "replace", "dev", "eth0", "root", "tbf",
                                     "rate", rate, "burst", "16kb", "latency", "400ms")

    def close(self):
        for machine in self._machines.values():
            machine.close()
        self._hub.close()
