"""People work on three replicas while everything goes wrong around them; afterwards all is equal,
nothing is lost, and nobody ever saw what nobody wrote (docs/black-box.md).

Every replica is a machine of its own: a network namespace and a small ext4 volume – or what this
user may have of it (machines.py). ATOZ_STORM_SECONDS, ATOZ_STORM_SEED and ATOZ_STORM_SEEDS say how
long each slow storm lasts, the first seed and how many. CTest ends them after 20 minutes,
`python3 -m unittest test_storm.StormSlow` in this directory does not. When a storm fails, the
directory that is printed holds all that happened.
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
from machines import Machine, Machines, say_plainer
from people import Person
from readers import VISITED, VisitedEditor, VisitedReader, WholeReader
from trouble import Trouble, wait_awake

SHORT_S = 7
LONG_S = int(os.environ.get("ATOZ_STORM_SECONDS", "60"))
LONG_SEED = int(os.environ.get("ATOZ_STORM_SEED", "1"))
LONG_SEEDS = int(os.environ.get("ATOZ_STORM_SEEDS", "5"))


class StormCase(ClusterTest):
    """What one storm needs."""

    def begin(self, plain):
        self.made = Machines(self.temp, plain)
        self.addCleanup(self._end)
        replicas = self.cluster(3, lambda root: write(root, VISITED, b"visit 0\n"), self._machine)
        if not plain:
            say_plainer(self.made.plainer)
        return [Machine(replica, self.made.volumes[replica.name]) for replica in replicas]

    def _machine(self, name):
        where = self.made.add_volume(name)
        return self.replica(name, os.path.join(where, b"root"), host=self.made.network.host(name),
                            prefix=self.made.network.prefix(name))

    def _end(self):
        for replica in self.replicas:
            replica.end()
        self.made.close()

    def storm(self, seed, seconds, people_each=2, long_ones=False, plain=False):
        machines = self.begin(plain)
        ledger, end = Ledger(), threading.Event()
        ledger.allow(b"visit 0\n")
        people = [Person(machine.desk, ledger, seed, number, end)
                  for machine in machines for number in range(people_each)]
        readers = [WholeReader(machine.desk, ledger, end) for machine in machines]
        readers += [VisitedReader(machine.desk, ledger, end) for machine in machines]
        readers.append(VisitedEditor(machines[0].desk, ledger, end))
        trouble = Trouble(machines, self.made.network, ledger, seed)
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


class PlainStormTest(StormCase):
    """What every user may have, everywhere: nothing happens to networks and disks."""

    def test_seed_2(self):
        self.storm(2, SHORT_S, plain=True)


class StormSlow(StormCase):
    """test_seed_N for each of the seeds."""


def _add_seed(seed):
    def test(self):
        self.storm(seed, LONG_S, people_each=3, long_ones=True)

    setattr(StormSlow, f"test_seed_{seed}", test)


for _seed in range(LONG_SEED, LONG_SEED + LONG_SEEDS):
    _add_seed(_seed)


if __name__ == "__main__":
    unittest.main()
