"""The machines of a storm, as real as this user may make them.

Best is a network namespace and an ext4 volume for each. Where the system refuses, the next plainer
form takes its place, and `plainer` says which and why: who makes machines has to say that aloud.
As a program it only says so.
"""

import os
import shutil
import sys
import tempfile

import privileges
from network import Loopback, Network
from people import Desk
from privileges import Refused
from volume import MemoryVolume, PlainVolume, Volume

VOLUME_BYTES = 700 << 20
NAMES = "abc"


class Machine:
    """One replica with its volume, and the desk at which people work there."""

    def __init__(self, replica, volume):
        self.name = replica.name
        self.replica = replica
        self.volume = volume
        self.desk = Desk(replica)


class Machines:
    """A network, and a volume for each name. `plain`: the plainest form of everything."""

    def __init__(self, home, plain=False):
        self.plainer = []
        self.volumes = {}
        self._home = home
        refused = "nothing else was wanted" if plain else privileges.enter()
        self.volume_kinds = (PlainVolume,) if refused else (Volume, MemoryVolume, PlainVolume)
        self.network = Loopback()
        if refused:
            self.plainer.append(f"nothing happens to networks and disks: {refused}")
        else:
            self._make_network()

    def _make_network(self):
        try:
            self.network = Network(NAMES)
            self.plainer += [f"no {kind} of links: {refused}"
                             for kind, refused in self.network.missing.items()]
        except Refused as refused:
            self.plainer.append(f"nothing happens to the network: {refused}")

    def add_volume(self, name):
        """Returns where it is mounted."""
        home = os.path.join(self._home, name.encode())
        where = os.path.join(home, b"volume")
        os.makedirs(home, exist_ok=True)
        for number, kind in enumerate(self.volume_kinds, 1):
            try:
                self.volumes[name] = kind(os.path.join(home, b"image"), where, VOLUME_BYTES)
                break
            except Refused as refused:
                following = self.volume_kinds[number]
                self.volume_kinds = self.volume_kinds[number:]  # for the others, too
                self.plainer.append(f"{following.__name__} instead of {kind.__name__}: {refused}")
        return where

    def close(self):
        for volume in self.volumes.values():
            volume.close()
        self.network.close()


def say_plainer(plainer):
    if plainer:
        lines = "\n".join(f"***   {line}" for line in plainer)
        print(f"\n*** THE STORM IS PLAINER HERE THAN IT COULD BE:\n{lines}", file=sys.stderr)


if __name__ == "__main__":
    home = os.fsencode(tempfile.mkdtemp(prefix="atoz-machines-"))
    made = Machines(home)
    try:
        made.add_volume("a")
        say_plainer(made.plainer)
    finally:
        made.close()
        shutil.rmtree(home)
