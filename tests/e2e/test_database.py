"""Files in step with rows: three sites, three MariaDB servers in a ring, an agent at each."""

import os
import unittest

import drift
from cluster import ClusterTest, poll
from folder import contents_anywhere
from journal import Journal, sha
from mariadb import Servers
from opendental import Site
from staff import Contents, Desk, make_patients
from tools import with_database


class DatabaseCluster(ClusterTest):
    """Agents that read the database of their site."""

    SERVERS = {}
    GATE_WAIT, VANISH_WAIT = "1h", "3s"

    def setUp(self):
        super().setUp()
        self.servers = Servers(os.path.join(self.temp, b"databases"), **self.SERVERS)
        self.addCleanup(self.servers.end)
        self.journal, self.contents = Journal(), Contents(1)
        self.patient, self.other = make_patients(self.servers[0], 2)
        self.servers.wait_replicated()
        self.a, self.b, self.c = self.agents = self.cluster(3, make=self.replica_of_a_site)
        self.sites = [Site(agent.name, agent.root, self.server_of(agent))
                      for agent in self.agents]
        self.desks = [Desk(site, self.journal) for site in self.sites]
        self.at_a, self.at_b, self.at_c = self.desks
        for desk in self.desks:
            self.addCleanup(desk.close)
        for site in self.sites:
            site.make_folders()
        for agent in self.agents:
            poll(lambda agent=agent: agent.status()["database"]["state"] == "connected",
                 f"{agent.name} reads its database")
        # So that the folder is known everywhere, and the name of the folder in the rows.
        first = self.at_a.import_file(self.patient, self.contents.new())
        self.everywhere(first)

    def server_of(self, agent):
        return self.servers["abc".index(agent.name)]

    def replica_of_a_site(self, name):
        replica = self.replica(name)
        plain = replica.init

        def init(*more):
            plain(*more)
            with_database(replica, self.server_of(replica), gate_wait=self.GATE_WAIT,
                          vanish_wait=self.VANISH_WAIT)
            return replica

        replica.init = init
        return replica

    # --- looking ---

    def below(self, doc_num, desk=None):
        """The path of a document's file, below the root."""
        desk = desk or self.at_a
        return os.path.relpath(desk.path(doc_num), desk.site.root)

    def there(self, desk, below):
        return os.path.exists(os.path.join(desk.site.root, below))

    def everywhere(self, doc_num):
        below = self.below(doc_num)
        poll(lambda: all(self.there(desk, below) for desk in self.desks), f"{below} everywhere")
        return below

    def nowhere(self, below):
        poll(lambda: not any(self.there(desk, below) for desk in self.desks), f"{below} nowhere")

    def held(self, agent, path, why="row"):
        return [entry for entry in agent.json("held", "list", rc=(0, 1))
                if entry["path"] == path and entry["why"] == why]

    def wait_held(self, agent, path, why="row"):
        poll(lambda: self.held(agent, path, why), f"{agent.name} holds {path}: {why}")

    def freeze(self, agent):
        agent.freeze()
        poll(agent.stands_still, f"{agent.name} stands still")

    def assert_no_harm(self):
        """Once all has settled and everybody was shown everywhere: no row that an import scan
        made wrongly, and a file for each row."""
        for desk in self.desks:
            for patient in (self.patient, self.other):
                desk.show(patient)
        self.servers.wait_replicated()
        for what in ("duplicate", "resurrection", "unknown"):
            self.assertEqual(0, self.journal.count(what), self.journal.scanned)
        rows = [[(row["DocNum"], row["FileName"]) for row in desk.documents(self.patient)]
                for desk in self.desks]
        self.assertEqual(rows[0], rows[1])
        self.assertEqual(rows[0], rows[2])
        for doc_num, _ in rows[0]:
            self.everywhere(doc_num)


class ArrivingTest(DatabaseCluster):

    SERVERS = {"engine": "MyISAM", "binlog_format": "STATEMENT"}

    def test_a_file_appears_when_its_row_does(self):
        self.servers[1].hold_rows()  # and with it those of c, to whom rows come through b
        doc_num = self.at_a.import_file(self.patient, self.contents.new(), mtime_ns=10**18)
        below = self.below(doc_num)
        for agent in (self.b, self.c):
            self.wait_held(agent, below)
        for desk in (self.at_b, self.at_c):
            self.assertFalse(self.there(desk, below))
            self.assertEqual([], desk.show(self.patient))
        self.assertEqual(1, self.b.status()["held"]["row"])
        self.assertEqual(self.held(self.b, below), self.b.json("explain", below)["held"])
        self.assertIn("Held: waits for its row since ", self.b.ok("explain", below).out)
        self.assertEqual([], self.a.json("explain", below)["held"])
        self.servers[1].release_rows()
        self.everywhere(doc_num)
        self.assertEqual(10**18, os.stat(self.at_c.path(doc_num)).st_mtime_ns)
        self.assert_no_harm()

    def test_a_half_made_row_is_none(self):
        def shown_at_b(_):
            folder = self.at_a.folder(self.patient)
            name = max(os.listdir(folder), key=lambda n: os.stat(os.path.join(folder, n)).st_ctime)
            self.servers.wait_replicated()  # the row without a name is at b
            path = os.path.relpath(os.path.join(folder, name), self.sites[0].root)
            self.wait_held(self.b, path)
            self.assertEqual([], self.at_b.show(self.patient))
            self.assertFalse(self.there(self.at_b, path))

        doc_num = self.at_a.archive(self.patient, self.contents.new(), between=shown_at_b)
        self.everywhere(doc_num)
        self.assert_no_harm()

    def test_a_dropped_file_waits_for_the_row_of_its_own_site(self):
        self.at_a.drop(self.patient, "from a stick.pdf", self.contents.new())
        path = os.path.relpath(os.path.join(self.at_a.folder(self.patient), "from a stick.pdf"),
                               self.sites[0].root)
        for agent in (self.b, self.c):
            self.wait_held(agent, path)
        self.assertEqual([], self.at_b.show(self.patient))
        made = self.at_a.show(self.patient)
        self.assertEqual(1, len(made))
        self.everywhere(made[0])
        self.assert_no_harm()

    def test_folders_of_no_patient_are_not_gated(self):
        for server in self.servers.all:
            server.hold_rows()
        number = self.at_a.attach_eob(7, self.contents.new())
        name = self.at_a.sql("SELECT FileName FROM eobattach WHERE EobAttachNum=%s",
                             number)[0]["FileName"]
        self.at_a.sheet_image("logo.png", self.contents.new())
        for below in ("EOBs/" + name, "SheetImages/logo.png"):
            poll(lambda below=below: all(self.there(desk, below) for desk in self.desks), below)


class LeavingTest(DatabaseCluster):

    SERVERS = {"engine": "InnoDB", "binlog_format": "ROW"}

    def test_the_row_alone_takes_the_file_away(self):
        doc_num = self.at_a.import_file(self.patient, self.contents.new())
        below = self.everywhere(doc_num)
        self.freeze(self.a)  # nothing of the deletion comes by files
        self.at_a.delete_document(doc_num)
        self.servers.wait_replicated()
        poll(lambda: not self.there(self.at_b, below) and not self.there(self.at_c, below),
             "the file goes where its row went")
        self.assertEqual([], self.at_b.show(self.patient))
        self.a.thaw()
        self.wait_equal(*self.agents)
        self.nowhere(below)
        self.assert_no_harm()
        self.assert_no_conflicts(*self.agents)

    def test_a_deletion_whose_row_comes_late(self):
        doc_num = self.at_a.import_file(self.patient, self.contents.new())
        below = self.everywhere(doc_num)
        self.servers[1].hold_rows()
        self.at_a.delete_document(doc_num)
        poll(lambda: not self.there(self.at_a, below), "the file is gone at a")
        # b and c have its row: no file, or still the file, is well; a new row is not.
        for desk in (self.at_b, self.at_c):
            self.assertEqual([], desk.show(self.patient))
        self.servers[1].release_rows()
        self.servers.wait_replicated()
        self.nowhere(below)
        self.assert_no_harm()

    def test_an_entry_deleted_where_its_file_has_not_come(self):
        self.freeze(self.c)
        doc_num = self.at_a.import_file(self.patient, self.contents.new())
        below = self.below(doc_num)
        poll(lambda: self.there(self.at_b, below), "the file comes to b")
        self.servers.wait_replicated()
        self.at_c.delete_document(doc_num)  # there is nothing to see behind it
        self.servers.wait_replicated()
        poll(lambda: not self.there(self.at_a, below) and not self.there(self.at_b, below),
             "the file goes where it is")
        self.c.thaw()
        self.wait_equal(*self.agents)
        self.nowhere(below)
        self.assert_no_harm()

    def test_damage_is_healed(self):
        content = self.contents.new()
        doc_num = self.at_a.import_file(self.patient, content)
        below = self.everywhere(doc_num)
        self.wait_equal(*self.agents)
        os.unlink(os.path.join(self.sites[1].root, below))
        poll(lambda: self.there(self.at_b, below), "what was taken away behind the rows is back")
        with open(os.path.join(self.sites[1].root, below), "rb") as file:
            self.assertEqual(content, file.read())
        self.everywhere(doc_num)
        self.assert_no_harm()

    def test_moved_to_another_patient(self):
        doc_num = self.at_a.import_file(self.patient, self.contents.new())
        below = self.everywhere(doc_num)
        self.servers[1].hold_rows()
        moved = self.at_a.move_to_patient(doc_num, self.other)
        self.wait_held(self.b, self.below(moved))
        self.servers[1].release_rows()
        self.everywhere(moved)
        self.nowhere(below)
        self.assert_no_harm()


class KeptBothTest(DatabaseCluster):

    SERVERS = {"engine": "MyISAM", "binlog_format": "MIXED"}

    def edit(self, agent, below, content):
        with open(os.path.join(agent.root, os.fsencode(below)), "wb") as file:
            file.write(content)

    def test_both_versions_become_documents_of_the_patient(self):
        doc_num = self.at_a.import_file(self.patient, self.contents.new(), extension=".docx")
        below = self.everywhere(doc_num)
        for agent in self.agents:
            agent.stop()
        self.edit(self.a, below, b"edited at a")
        self.edit(self.b, below, b"edited at b, longer")
        for agent in (self.a, self.b):
            agent.start()
            poll(lambda agent=agent: agent.status()["state"] == "idle", "scanned")
            agent.stop()
        for agent in self.agents:
            agent.start()
        conflict = poll(lambda: [it for it in self.a.conflicts() if it["loser"]["kept_at"]],
                        "the conflict and its loser's bytes")[0]
        self.a.ok("conflicts", "resolve", conflict["id"], "--keep", "both")
        folder = os.path.dirname(os.path.join(self.a.root, os.fsencode(below)))
        made = poll(lambda: [name for name in os.listdir(folder)
                             if b"(" in name and name.endswith(b").docx")], "it stands at a")[0]
        new = os.path.join(os.path.dirname(below), os.fsdecode(made))
        # Without a row it goes nowhere else: two sites would take it in.
        for agent in (self.b, self.c):
            self.wait_held(agent, new)
        for desk in (self.at_b, self.at_c):
            desk.show(self.patient)
            self.assertFalse(self.there(desk, new))
        self.at_a.show(self.patient)
        poll(lambda: all(self.there(desk, new) for desk in self.desks), f"{new} everywhere")
        self.servers.wait_replicated()
        for desk in self.desks:
            desk.show(self.patient)
        self.servers.wait_replicated()
        for desk in self.desks:
            names = [row["FileName"] for row in desk.documents(self.patient)]
            self.assertEqual([1, 1], [names.count(os.path.basename(path)) for path in (below, new)],
                             names)


class OutageTest(DatabaseCluster):

    SERVERS = {"engine": "MyISAM", "binlog_format": "MIXED"}

    def test_the_database_of_one_site_is_away(self):
        kept = self.contents.new()
        doomed = self.at_a.import_file(self.patient, kept)
        doomed_path = self.everywhere(doomed)
        self.at_b.close()
        self.servers[1].kill()
        poll(lambda: self.b.status()["database"]["state"] != "connected", "b notices")
        doc_num = self.at_a.import_file(self.patient, self.contents.new())
        below = self.below(doc_num)
        self.wait_held(self.b, below)
        self.assertFalse(self.there(self.at_b, below))
        self.at_a.delete_document(doomed)
        self.servers[1].start()
        self.desks[1] = self.at_b = Desk(self.sites[1], self.journal)
        self.addCleanup(self.at_b.close)
        # The server repairs a MyISAM table for whoever uses it first after a crash, if he may
        # write: Open Dental, when it starts.
        for table in ("patient", "document", "securitylog", "preference"):
            self.at_b.sql(f"SELECT * FROM {table} LIMIT 1")
        poll(lambda: self.b.status()["database"]["state"] == "connected", "b notices", 90)
        self.servers.wait_replicated()
        self.everywhere(doc_num)
        self.nowhere(doomed_path)
        self.assert_no_harm()
        # What was deleted is kept.
        self.assertIn(sha(kept), contents_anywhere(self.agents[1].root))


class AtWorkTest(ClusterTest):
    """People at work for half a minute, judged by the rows and the journal."""

    CASE = {"documents": 40, "lag_s": 2, "patients": 20, "damage_every_s": 4.0}

    def test_no_duplicates_and_nothing_comes_back(self):
        result = drift.measure(drift.Case(tool="database", **self.CASE))
        actions = "\n".join(result.journal.actions)
        self.assertEqual([], result.notes, actions)
        self.assertEqual((0, 0, 0), (result.duplicates, result.resurrections, result.extra_rows),
                         actions)
        self.assertEqual((0, 0, 0), (result.files_back, result.rows_without_file,
                                     result.other_contents), actions)
        self.assertEqual(result.damaged, result.healed, actions)


class AtWorkSlow(AtWorkTest):
    """For longer, and the rows of others do not come to one site for a while."""

    CASE = {"documents": 300, "lag_s": 5, "away_s": (20, 60), "engine": "InnoDB",
            "binlog_format": "ROW", "seed": 2}


if __name__ == "__main__":
    unittest.main()
