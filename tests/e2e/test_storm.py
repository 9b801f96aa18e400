"""People work on three replicas while everything goes wrong around them; afterwards all is equal,
nothing is lost, and nobody ever saw what nobody wrote.

Every replica is a machine of its own: a network namespace and a small ext4 volume. Needs root.
ATOZ_STORM_SECONDS=N ATOZ_STORM_SEED=S say how long the slow storm lasts and from which seed: CTest
ends it after 20 minutes, `python3 -m unittest test_storm.StormSlow` in this directory does not. When
a storm fails, the directory that is printed holds all that happened: actions with their times, the
agents' logs, what lies where.
"""

import os
import shutil
import tempfile
import threading
import unittest

from aftermath import Aftermath, everything
from cluster import ClusterTest
from folder import write
from ledger import Ledger
from network import Network
from people import Desk, Person
from readers import VISITED, VisitedEditor, VisitedReader, WholeReader
from trouble import Trouble, wait_awake
from volume import Volume

SHORT_S = 25
LONG_S = int(os.environ.get("ATOZ_STORM_SECONDS", "180"))
LONG_SEED = int(os.environ.get("ATOZ_STORM_SEED", "1"))
VOLUME_BYTES = 700 << 20
NAMES = "abc"


class Machine:
    """One replica with its volume, and the desk at which people work there."""

    def __init__(self, replica, volume, desk):
        self.name = replica.name
        self.replica = replica
        self.volume = volume
        self.desk = desk


class StormCase(ClusterTest):
    """What one storm needs."""

    def machine(self, name):
        home = os.path.join(self.temp, name.encode())
        os.makedirs(home)
        where = os.path.join(home, b"volume")
        volume = Volume(os.path.join(home, b"image"), where, VOLUME_BYTES)
        self.volumes[name] = volume
        return self.replica(name, os.path.join(where, b"root"), host=self.network.host(name),
                            prefix=self.network.prefix(name))

    def begin(self):
        self.volumes = {}
        self.network = Network(NAMES)
        self.addCleanup(self._end)
        replicas = self.cluster(3, lambda root: write(root, VISITED, b"visit 0\n"), self.machine)
        return [Machine(replica, self.volumes[replica.name], Desk(replica))
                for replica in replicas]

    def _end(self):
        for replica in self.replicas:
            replica.end()
        for volume in self.volumes.values():
            volume.close()
        self.network.close()

    def storm(self, seed, seconds, people_each=2, long_ones=False):
        machines = self.begin()
        ledger, end = Ledger(), threading.Event()
        ledger.allow(b"visit 0\n")
        people = [Person(machine.desk, ledger, seed, number, end)
                  for machine in machines for number in range(people_each)]
        readers = [WholeReader(machine.desk, ledger, end) for machine in machines]
        readers += [VisitedReader(machine.desk, ledger, end) for machine in machines]
        readers.append(VisitedEditor(machines[0].desk, ledger, end))
        trouble = Trouble(machines, self.network, ledger, seed)
        wrong = []
        try:
            for thread in people + readers:
                thread.start()
            try:
                trouble.go_on(seconds, long_ones)
            finally:
                trouble.heal_all()
                end.set()
                for thread in people + readers:
                    thread.join()
            wrong += [f"{t}: {t.problem!r}" for t in people + readers if t.problem is not None]
            wrong += [text for reader in readers for text in reader.wrong[:20]]
            wait_awake(machines)
            wrong += Aftermath(self, self.replicas, ledger).check(240)
        except AssertionError as problem:
            wrong.append(str(problem))
        if wrong:
            self._report(seed, ledger, wrong)
        print(f"seed {seed}: {len(ledger.actions)} actions, {len(ledger.owed)} contents, "
              f"{sum(r.looks for r in readers)} looks, {len(self.replicas[0].conflicts())} "
              f"conflicts, {trouble.counts}")

    def _report(self, seed, ledger, wrong):
        kept = tempfile.mkdtemp(prefix=f"atoz-storm-{seed}-")
        self._save(kept, "actions", "\n".join(ledger.actions))
        self._save(kept, "wrong", "\n".join(wrong))
        self._save(kept, "released", "\n".join(f"{h} {why}" for h, why in ledger.released.items()))
        self._save(kept, "where", everything(self.replicas))
        for replica in self.replicas:
            shutil.copy(replica.log_file, os.path.join(kept, replica.name + ".log"))
            conflicts = replica.cmd("conflicts", "list", "--json")
            status = replica.cmd("status", "--json")
            self._save(kept, replica.name + ".state", f"{status}\n{conflicts}")
        text = "\n".join(wrong)[:8000]
        self.fail(f"seed {seed}: all that happened is in {kept}\n{text}")

    @staticmethod
    def _save(directory, name, text):
        descriptor = os.open(os.path.join(directory, name), os.O_WRONLY | os.O_CREAT, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text + "\n")


class StormTest(StormCase):

    def test_seed_1(self):
        self.storm(1, SHORT_S)

    def test_seed_2(self):
        self.storm(2, SHORT_S)


class StormSlow(StormCase):

    def test_for_minutes(self):
        self.storm(LONG_SEED, LONG_S, people_each=3, long_ones=True)


if __name__ == "__main__":
    unittest.main()
