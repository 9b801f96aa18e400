"""How far files and rows drift apart: a practice at work for a while, one tool keeping its folders
the same, rows that replicate with a lag; then everything is judged by the rows and the journal.

`measure()` runs one case and returns a Result; bench/drift prints a table of them.
"""

import os
import random
import shutil
import tempfile
import threading
import time
from dataclasses import dataclass, field


from journal import Journal, sha
from mariadb import Servers
from opendental import Site
from staff import Clerk, Contents, Desk, Quota, make_patients
from tools import Agents, Nothing, Rsync

TOOLS = ("database", "files", "rsync", "rsync-delete", "nothing")
SETTLED_S = 15  # a file that nobody touched for so long (and the lag) may be damaged


@dataclass
class Case:
    tool: str = "database"
    lag_s: int = 0
    documents: int = 300
    sites: int = 3
    clerks: int = 2  # per site
    rate: float = 1.0  # actions a second of each
    patients: int = 60
    seed: int = 1
    engine: str = "MyISAM"
    binlog_format: str = "MIXED"
    damage_every_s: float = 8.0
    away_s: tuple = ()  # (from, to): the rows of others do not come to the second site meanwhile
    habits: dict = None
    options: dict = field(default_factory=dict)  # of [database]
    keep: str = None  # a folder for the agents' logs


@dataclass
class Result:
    case: Case
    documents: int = 0
    deleted: int = 0
    duplicates: int = 0  # rows that an import scan made of a document that had one
    resurrections: int = 0  # rows that an import scan made of a document that was deleted
    own: int = 0  # as above, which the program does without any tool
    extra_rows: int = 0  # by the rows alone: several of one patient and name, all but the first
    waited_mean_s: float = 0.0  # of a row at a site other than its origin, until its file is there
    waited_max_s: float = 0.0
    waited_sum_s: float = 0.0  # over all documents and sites
    damaged: int = 0
    healed: int = 0
    rows_without_file: int = 0  # at the end, over all sites
    other_contents: int = 0  # at the end, over all sites: files that are not what was last saved
    files_back: int = 0  # of deleted documents, at the end, over all sites
    settled: bool = True
    seconds: float = 0.0
    all_seconds: float = 0.0  # and until everything stood still
    journal: Journal = None
    notes: list = field(default_factory=list)


class Watcher(threading.Thread):
    """Looks at one site every `every_s`: which complete rows have no file here?"""

    def __init__(self, site, every_s):
        super().__init__(daemon=True)
        self.site, self.every_s = site, every_s
        self.missing_s = {}  # DocNum → seconds
        self.seen = set()
        self._over = threading.Event()

    def run(self):
        with self.site.server.connect() as connection:
            last = time.monotonic()
            while not self._over.wait(self.every_s):
                now = time.monotonic()
                for doc_num, path in complete_rows(connection, self.site):
                    self.seen.add(doc_num)
                    if not os.path.exists(path):
                        self.missing_s[doc_num] = self.missing_s.get(doc_num, 0.0) + now - last
                last = now

    def end(self):
        self._over.set()
        self.join()


def complete_rows(connection, site):
    """(DocNum, path) of every document of a patient that has a name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT d.DocNum, UPPER(LEFT(p.ImageFolder,1)), p.ImageFolder, d.FileName "
                       "FROM document d JOIN patient p ON p.PatNum = d.PatNum "
                       "WHERE d.FileName <> '' AND d.FileName NOT LIKE '.%' "
                       "AND p.ImageFolder <> ''")
        for doc_num, *names in cursor.fetchall():
            yield doc_num, "/".join((site.root, *names))


class Vandal(threading.Thread):
    """Removes files behind the program's back: an antivirus, a wrong click in Explorer."""

    def __init__(self, case, sites, journal, patients):
        super().__init__(daemon=True)
        self._case, self._sites, self._journal = case, sites, journal
        self._patients = patients
        self._rng = random.Random(f"vandal {case.seed}")
        self._over = threading.Event()
        self.done = []  # (site, row, path, content)

    def run(self):
        desks = [(site, Desk(site, self._journal, "!")) for site in self._sites]
        while not self._over.wait(self._case.damage_every_s):
            site, desk = self._rng.choice(desks)
            patient = self._rng.choice(self._patients)
            with site.patient_lock(patient):
                rows = [row for row in desk.documents(patient) if self._everywhere(desk, row)]
                if rows:
                    self._remove(site, desk, self._rng.choice(rows))
        for _, desk in desks:
            desk.close()

    def _everywhere(self, desk, row):
        """This document has its file at all sites, and nobody touched it for long."""
        document = self._journal.of_row(row["DocNum"])
        quiet_s = SETTLED_S + self._case.lag_s
        if document is None or time.monotonic() - document.last_touched < quiet_s:
            return False
        path = os.path.join(desk.folder(row["PatNum"]), row["FileName"])
        below = os.path.relpath(path, desk.site.root)
        return all(os.path.exists(os.path.join(site.root, below)) for site in self._sites)

    def _remove(self, site, desk, row):
        path = os.path.join(desk.folder(row["PatNum"]), row["FileName"])
        try:
            with open(path, "rb") as file:
                content = file.read()
            os.unlink(path)
        except FileNotFoundError:
            return
        self.done.append((site, row, path, content))
        self._journal.note(site.name, f"DAMAGE {path}")

    def end(self):
        self._over.set()
        self.join()


class Absence(threading.Thread):
    """Stops replication at the second server for a while, as a line that is down does."""

    def __init__(self, case, servers):
        super().__init__(daemon=True)
        self._away_s, self._server = case.away_s, servers[1]
        self._over = threading.Event()

    def run(self):
        if self._away_s and not self._over.wait(self._away_s[0]):
            self._server.hold_rows()
            self._over.wait(self._away_s[1] - self._away_s[0])
            self._server.release_rows()

    def end(self):
        self._over.set()
        self.join()


def make_tool(case, home, sites):
    if case.tool in ("database", "files"):
        return Agents(home, sites, database=case.tool == "database", **case.options)
    if case.tool in ("rsync", "rsync-delete"):
        return Rsync(sites, delete=case.tool == "rsync-delete")
    return Nothing()


def measure(case):
    home = tempfile.mkdtemp(prefix="atoz-drift-")
    servers = tool = None
    try:
        servers = Servers(home, case.sites, engine=case.engine, binlog_format=case.binlog_format)
        sites = [Site(name, os.path.join(home, name, "root"), servers[i])
                 for i, name in enumerate("abcde"[:case.sites])]
        for site in sites:
            site.make_folders()
        patients = make_patients(servers[0], case.patients, case.seed)
        servers.wait_replicated()
        if case.lag_s:
            servers.delay(case.lag_s)
        tool = make_tool(case, home, sites)
        tool.start()
        return _work(case, servers, sites, tool, patients)
    finally:
        if tool is not None:
            tool.end()
        if servers is not None:
            servers.end()
        if case.keep:
            keep_logs(home, case.keep)
        shutil.rmtree(home, ignore_errors=True)


def keep_logs(home, kept):
    os.makedirs(kept, exist_ok=True)
    for name in os.listdir(home):
        log = os.path.join(home, name, "state", "log")
        if os.path.isdir(log):
            shutil.copytree(log, os.path.join(kept, name), dirs_exist_ok=True)


def _work(case, servers, sites, tool, patients):
    journal, contents = Journal(), Contents(case.seed)
    quota = Quota(case.documents)
    began = time.monotonic()
    watchers = [Watcher(site, max(0.5, case.documents / 4000)) for site in sites]
    vandal = Vandal(case, sites, journal, patients)
    clerks = [Clerk(site, journal, contents, patients, case.seed, case.rate, quota, str(n),
                    case.habits)
              for site in sites for n in range(1, case.clerks + 1)]
    absence = Absence(case, servers)
    for thread in (*watchers, vandal, absence, *clerks):
        thread.start()
    for clerk in clerks:
        clerk.join()
    vandal.end()
    absence.end()
    result = Result(case, seconds=time.monotonic() - began, journal=journal)
    settle(case, servers, tool)  # what was dropped waits for the first who is shown the patient
    for watcher in watchers:
        watcher.end()
    # Sooner or later everybody is shown everywhere: one site after the other, rows in between –
    # all of them, so that their lag would only take time.
    if case.lag_s:
        servers.delay(0)
    for site in sites:
        desk = Desk(site, journal, "0")
        for patient in patients:
            desk.show(patient)
        desk.close()
        result.settled = settle(case, servers, tool)
    result.all_seconds = time.monotonic() - began
    if not result.settled:
        result.notes.append("the folders differ at the end")
    judge(result, sites, watchers, vandal)
    result.notes += journal.problems
    return result


def settle(case, servers, tool):
    servers.wait_replicated(case.lag_s * 3 + 120)
    return tool.settle()


def judge(result, sites, watchers, vandal):
    journal = result.journal
    result.documents, result.deleted = len(journal.documents), journal.deleted
    result.duplicates = journal.count("duplicate")
    result.resurrections = journal.count("resurrection")
    result.own = journal.count("own")
    result.extra_rows = sum(row["n"] - 1 for row in sites[0].server.run(
        "SELECT COUNT(*) n FROM document WHERE PatNum > 0 AND FileName NOT IN ('', 'x') "
        "AND FileName NOT LIKE '.%%' GROUP BY PatNum, BINARY FileName HAVING n > 1"))
    damaged_rows = {row["DocNum"] for _, row, _, _ in vandal.done}
    waits = []
    for watcher in watchers:
        for doc_num in watcher.seen - damaged_rows:
            document = journal.of_row(doc_num)
            # The row of what was deleted stands for as long as the lag.
            if (document is not None and document.alive() and
                    document.site != watcher.site.name):
                waits.append(watcher.missing_s.get(doc_num, 0.0))
    if waits:
        result.waited_sum_s, result.waited_max_s = sum(waits), max(waits)
        result.waited_mean_s = result.waited_sum_s / len(waits)
    for _, row, path, content in vandal.done:
        if not journal.is_gone(row["PatNum"], content):
            result.damaged += 1
            result.healed += os.path.exists(path)
    for site in sites:
        _judge_site(result, site)


def _judge_site(result, site):
    with site.server.connect() as connection:
        for doc_num, path in complete_rows(connection, site):
            document = result.journal.of_row(doc_num)
            try:
                with open(path, "rb") as file:
                    if document is not None and sha(file.read()) != document.contents[-1]:
                        result.other_contents += 1
            except FileNotFoundError:
                result.rows_without_file += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT PatNum, ImageFolder FROM patient WHERE ImageFolder <> ''")
            folders = cursor.fetchall()
    for patient, name in folders:
        folder = os.path.join(site.root, name[0].upper(), name)
        if not os.path.isdir(folder):
            continue
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_file():
                    with open(entry.path, "rb") as file:
                        result.files_back += result.journal.is_gone(patient, file.read())
