"""A practice of several offices with real agents, and databases when wanted, for what drives a browser.

Reads JSON lines and answers each with one: first the plan, then orders (see Stage). Ends everything
when the input ends. Environment: ATOZSYNC_BIN.
"""

import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from journal import Journal
from mariadb import Servers
from opendental import Site
from ports import free_port
from replica import Replica, poll
from staff import Desk
from tools import with_database


SETTLED_S = 300


def content(name):
    with open(name, "rb") as file:
        return file.read()


class Stage:
    """Plan: home, replicas (names), database (bool), patients [{last, first}], documents [{patient, extension,
    description, category, file}], files [[path, file]]. `file` names a file with the bytes."""

    def __init__(self, plan):
        self.home = os.fsencode(plan["home"])
        self.servers = None
        self.replicas, self.desks = [], []
        try:
            self._make(plan)
        except BaseException:
            self.end()
            raise

    def _make(self, plan):
        if plan["database"]:
            self.servers = Servers(os.path.join(self.home, b"db"), len(plan["replicas"]))
        for name in plan["replicas"]:
            self.replicas.append(Replica(os.path.join(self.home, name.encode()), name))
        first = self.replicas[0]
        for i, replica in enumerate(self.replicas):
            replica.init("--dashboard", f"127.0.0.1:{free_port()}")
            if self.servers:
                with_database(replica, self.servers[i], gate_wait="1h", vanish_wait="3s")
        for path, file in plan["files"]:
            self._write(first, path, content(file))
        for replica in self.replicas:
            replica.start()
        for replica in self.replicas[1:]:
            replica.join(first)
        self.documents = self._documents(plan) if self.servers else []
        self.settle()

    def _documents(self, plan):
        journal = Journal()
        for i, replica in enumerate(self.replicas):
            site = Site(replica.name, replica.root, self.servers[i])
            site.make_folders()
            self.desks.append(Desk(site, journal))
        desk = self.desks[0]
        self.patients = [desk.insert("patient", LName=one["last"], FName=one["first"])
                         for one in plan["patients"]]
        return [self.import_(one) for one in plan["documents"]]

    def import_(self, order):
        desk = self.desks[0]
        doc_num = desk.import_file(self.patients[order["patient"]], content(order["file"]),
                                   order["extension"])
        desk.sql("UPDATE document SET Description=%s WHERE DocNum=%s", order["description"], doc_num)
        if "category" in order:
            desk.sql("UPDATE document SET DocCategory=(SELECT MIN(DefNum) FROM definition WHERE "
                     "Category=18 AND ItemName=%s) WHERE DocNum=%s", order["category"], doc_num)
        return os.path.relpath(desk.path(doc_num), desk.site.root)

    def _write(self, replica, path, data):
        full = os.path.join(replica.root, os.fsencode(path))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(data)

    def settle(self):
        if self.servers:
            self.servers.wait_replicated()
        for replica in self.replicas:
            replica.wait(SETTLED_S)

    def conflicts(self, order):
        """edits: [[path, file at the first, file at the second]]; no file: deleted there."""
        for replica in self.replicas:
            replica.stop()
        for path, *files in order["edits"]:
            for replica, file in zip(self.replicas, files):
                if file is None:
                    os.unlink(os.path.join(replica.root, os.fsencode(path)))
                else:
                    self._write(replica, path, content(file))
        # One after the other: each takes its own change for new before it hears of the other's.
        for replica in self.replicas[:2]:
            replica.start()
            poll(lambda replica=replica: replica.status()["state"] == "idle", "scanned")
            replica.stop()
        for replica in self.replicas:
            replica.start()
        self.settle()

    def obey(self, order):
        what = order["do"]
        replica = self.replicas[order.get("replica", 0)]
        if what == "ui":
            found = re.search(r"http://\S+", replica.ok("ui", "--print").out)
            return {"url": found.group(0)}
        if what == "cmd":
            answer = replica.cmd(*order["args"])
            return {"rc": answer.rc, "out": answer.out, "err": answer.err}
        if what == "import":
            return {"path": self.import_(order)}
        if what in ("hold_rows", "release_rows"):
            getattr(self.servers[order["replica"]], what)()
        elif what in ("stop", "start"):
            getattr(replica, what)()
        else:
            getattr(self, what)(*([order] if what == "conflicts" else []))
        return {}

    def told(self):
        return {"replicas": [{"name": one.name, "root": os.fsdecode(one.root),
                              "state": os.fsdecode(one.state)} for one in self.replicas],
                "documents": self.documents}

    def logs(self):
        return "\n".join(replica.logs() for replica in self.replicas)

    def end(self):
        for desk in self.desks:
            desk.close()
        for replica in self.replicas:
            replica.end()
        if self.servers:
            self.servers.end()


def main():
    plan = json.loads(sys.stdin.readline())
    stage = Stage(plan)
    try:
        print(json.dumps(stage.told()), flush=True)
        for line in sys.stdin:
            try:
                answer = stage.obey(json.loads(line))
            except Exception as error:  # whoever asked hears of it, and goes on
                answer = {"failed": f"{type(error).__name__}: {error}\n{stage.logs()}"}
            print(json.dumps(answer), flush=True)
    finally:
        stage.end()
        shutil.rmtree(stage.home, ignore_errors=True)


main()
