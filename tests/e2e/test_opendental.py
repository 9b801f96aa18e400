"""The stand-in for Open Dental, its journal and the replicating servers: tests of tests' tools."""

import os
import shutil
import tempfile
import threading
import unittest

from journal import Journal
from mariadb import READER, READER_PASSWORD, Servers, pymysql
from opendental import Refused, Site
from replica import poll
from staff import Contents, Desk, make_patients


class Practice(unittest.TestCase):
    """Sites with a server each and nothing that carries files."""

    SITES, OPTIONS = 1, {}

    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.mkdtemp(prefix="atoz-od-")
        cls.addClassCleanup(shutil.rmtree, cls.temp, ignore_errors=True)
        cls.servers = Servers(cls.temp, cls.SITES, **cls.OPTIONS)
        cls.addClassCleanup(cls.servers.end)
        cls.contents = Contents(1)

    def setUp(self):
        self.journal = Journal()
        home = tempfile.mkdtemp(dir=self.temp)
        self.sites = [Site(name, os.path.join(home, name), self.servers[i])
                      for i, name in enumerate("abc"[:self.SITES])]
        for site in self.sites:
            site.make_folders()
        self.desks = [Desk(site, self.journal) for site in self.sites]
        for desk in self.desks:
            self.addCleanup(desk.close)
        self.desk = self.desks[0]
        self.patient, self.other = make_patients(self.servers[0], 2)

    def names(self, patient, desk=None):
        return sorted(row["FileName"] for row in (desk or self.desk).documents(patient))

    def files(self, patient, desk=None):
        return sorted(os.listdir((desk or self.desk).folder(patient)))

    def logs(self, perm_type):
        return self.desk.sql("SELECT LogText, PatNum, FKey FROM securitylog WHERE PermType=%s "
                             "AND PatNum IN (%s, %s)", perm_type, self.patient, self.other)


class StandInTest(Practice):

    def test_a_scan_is_half_made_then_named_then_written(self):
        steps = []

        def between(step):
            rows = self.desk.sql("SELECT FileName FROM document WHERE PatNum=%s", self.patient)
            steps.append((step, rows[0]["FileName"], self.files(self.patient)))

        doc_num = self.desk.import_file(self.patient, b"picture", ".jpg", 10**18, between=between)
        name = self.desk.document(doc_num)["FileName"]
        self.assertEqual([("half", ".jpg", []), ("named", name, [])], steps)
        self.assertTrue(name.endswith(f"{doc_num}.jpg"), name)
        self.assertEqual(10**18, os.stat(self.desk.path(doc_num)).st_mtime_ns)
        self.assertEqual(1, len(self.logs(202)))

    def test_an_archive_is_a_file_before_it_is_a_row(self):
        steps = []
        doc_num = self.desk.archive(self.patient, b"plan", between=lambda step: steps.append(
            (self.names(self.patient), self.files(self.patient))))
        self.assertEqual([([], [f"TPArchive{doc_num}.pdf"])], steps)
        self.assertEqual([f"TPArchive{doc_num}.pdf"], self.names(self.patient))

    def test_showing_a_patient_imports_what_has_no_row(self):
        folder = self.desk.folder(self.patient)
        for name in ("plain.pdf", ".dot", "xThumbs.DB", "hidden.jpg", "~$letter.docx"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(name.encode())
        os.makedirs(os.path.join(folder, "below"))
        self.sites[0].hidden.add(os.path.join(folder, "hidden.jpg"))
        known = self.desk.import_file(self.patient, b"known")
        self.assertEqual(2, len(self.desk.show(self.patient)))
        name = self.desk.document(known)["FileName"]
        self.assertEqual(sorted(["plain.pdf", "~$letter.docx", name]), self.names(self.patient))
        self.assertEqual([], self.desk.show(self.patient))
        self.assertEqual(2, len(self.logs(89)))
        # Letter case makes another name.
        os.rename(os.path.join(folder, "plain.pdf"), os.path.join(folder, "PLAIN.pdf"))
        self.assertEqual(1, len(self.desk.show(self.patient)))

    def test_a_category_in_front_of_a_name_is_cut(self):
        folder = self.desk.folder(self.patient)
        for name in ("_179_a.jpg", "_999_a.jpg", "a.jpg"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(name.encode())
        self.desk.show(self.patient)
        self.assertEqual(["_999_a.jpg", "a.jpg", "xa.jpg"], self.files(self.patient))
        self.assertEqual(179, self.desk.sql("SELECT DocCategory FROM document WHERE PatNum=%s AND "
                                            "FileName='xa.jpg'", self.patient)[0]["DocCategory"])

    def test_deleting_takes_the_file_and_then_the_row(self):
        doc_num = self.desk.import_file(self.patient, b"picture")
        seen = []
        self.desk.delete_document(doc_num, between=lambda step: seen.append(
            (self.files(self.patient), len(self.names(self.patient)))))
        self.assertEqual([([], 1)], seen)
        self.assertEqual([], self.names(self.patient))
        self.assertEqual([0], [log["FKey"] for log in self.logs(44)])
        # Without a file it leaves no word.
        doc_num = self.desk.import_file(self.patient, b"picture 2")
        os.unlink(self.desk.path(doc_num))
        self.desk.delete_document(doc_num)
        self.assertEqual(1, len(self.logs(44)))

    def test_move_and_merge(self):
        first = self.desk.import_file(self.patient, b"one", mtime_ns=10**18)
        moved = self.desk.move_to_patient(first, self.other)
        self.assertEqual([], self.files(self.patient))
        self.assertEqual(10**18, os.stat(self.desk.path(moved)).st_mtime_ns)
        late = self.desk.import_file(self.patient, b"not here yet")
        os.unlink(self.desk.path(late))
        second = self.desk.import_file(self.patient, b"two")
        self.desk.merge_patients(self.patient, self.other)
        self.assertEqual(self.other, self.desk.document(second)["PatNum"])
        self.assertEqual(self.patient, self.desk.document(late)["PatNum"])  # stranded
        self.assertEqual(2, len(self.files(self.other)))
        self.assertEqual([], self.files(self.patient))

    def test_word_saves_by_rename_and_leaves_nothing(self):
        doc_num = self.desk.import_file(self.patient, b"letter", ".docx")
        before = os.stat(self.desk.path(doc_num)).st_ino
        self.desk.edit_in_word(doc_num, b"letter, longer")
        self.assertNotEqual(before, os.stat(self.desk.path(doc_num)).st_ino)
        self.assertEqual(1, len(self.files(self.patient)))
        self.assertEqual(set(), self.sites[0].hidden)

    def test_a_print_out_has_no_row_and_goes(self):
        self.desk.print_category(self.patient, self.contents.new())
        self.assertEqual(([], []), (self.files(self.patient), self.names(self.patient)))

    def test_cropping_leaves_the_file_alone(self):
        doc_num = self.desk.eclipboard(self.patient, "Selfie", b"picture")
        self.desk.make_thumbnails(self.patient)
        thumbnails = os.path.join(self.desk.folder(self.patient), "Thumbnails")
        self.assertEqual(1, len(os.listdir(thumbnails)))
        self.desk.crop(doc_num)
        self.assertEqual([], os.listdir(thumbnails))
        with open(self.desk.path(doc_num), "rb") as file:
            self.assertEqual(b"picture", file.read())

    def test_attachments(self):
        self.desk.attach_eob(1, b"eob")
        number = self.desk.attach_eob(1, b"eob 2")
        self.desk.delete_eob(number)
        self.assertEqual(1, len(os.listdir(os.path.join(self.sites[0].root, "EOBs"))))
        self.assertIsNotNone(self.desk.attach_to_email(self.patient, "x.pdf", b"mail"))
        self.assertIsNone(self.desk.attach_to_email(self.patient, "x.pdf", b"mail", sent=False))
        self.desk.sheet_image("logo.png", b"logo")
        with self.assertRaises(Refused):
            self.desk.sheet_image("logo.png", b"logo 2")


class JournalTest(Practice):
    """What rows of an import scan are, when files are carried by hand."""

    SITES = 2
    OPTIONS = {"engine": "InnoDB", "binlog_format": "ROW"}

    def carry(self, doc_num):
        path = self.desks[0].path(doc_num)
        target = os.path.join(self.sites[1].root, os.path.relpath(path, self.sites[0].root))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copy2(path, target)

    def counts(self):
        return {what: self.journal.count(what) for what in
                ("rightful", "duplicate", "resurrection", "own", "unknown")
                if self.journal.count(what)}

    def setUp(self):
        super().setUp()
        self.servers.wait_replicated()

    def test_file_before_row(self):
        self.servers[1].hold_rows()
        doc_num = self.desk.import_file(self.patient, self.contents.new())
        # Its folder's name is known from the one that A made: the patient's row waits, too.
        self.carry(doc_num)
        self.assertEqual(1, len(self.desks[1].show(self.patient)))
        self.servers[1].release_rows()
        self.servers.wait_replicated()
        self.assertEqual({"duplicate": 1}, self.counts())
        self.assertEqual(2, len(self.names(self.patient)))

    def test_row_before_file(self):
        doc_num = self.desk.import_file(self.patient, self.contents.new())
        self.servers.wait_replicated()
        self.carry(doc_num)
        self.assertEqual([], self.desks[1].show(self.patient))
        self.assertEqual({}, self.counts())

    def test_row_goes_and_file_stays(self):
        doc_num = self.desk.import_file(self.patient, self.contents.new())
        self.servers.wait_replicated()
        self.carry(doc_num)
        self.desk.delete_document(doc_num)
        self.servers.wait_replicated()
        self.desks[1].show(self.patient)
        self.assertEqual({"resurrection": 1}, self.counts())

    def test_a_dropped_file_is_rightful_once(self):
        self.desk.drop(self.patient, "drop.pdf", self.contents.new())
        made = self.desk.show(self.patient)
        self.assertEqual({"rightful": 1}, self.counts())
        self.servers[1].hold_rows()
        self.desk.sql("UPDATE document SET Description='x' WHERE DocNum=%s", made[0])
        self.desks[1].folder(self.patient)
        self.servers[1].release_rows()
        self.servers.wait_replicated()
        self.carry(made[0])
        self.assertEqual([], self.desks[1].show(self.patient))

    def test_an_archive_shown_while_it_is_made_is_the_programs_own(self):
        def show_elsewhere(_):
            beside = Desk(self.sites[0], self.journal, "2")
            # Past the lock that keeps workstations of one site apart.
            self.sites[0].patient_lock = lambda patient: threading.RLock()
            beside.show(self.patient)
            beside.close()

        self.desk.archive(self.patient, self.contents.new(), between=show_elsewhere)
        self.assertEqual({"own": 1}, self.counts())


class ServersTest(Practice):
    """Three in a ring."""

    SITES = 3

    def patients_at(self, server, name):
        return server.run("SELECT PatNum FROM patient WHERE LName=%s ORDER BY PatNum", name)

    def test_rows_written_anywhere_come_everywhere_under_keys_of_their_own(self):
        for server in self.servers.all:
            server.run("INSERT INTO patient (LName) VALUES ('everywhere')")
        self.servers.wait_replicated()
        found = [self.patients_at(server, "everywhere") for server in self.servers.all]
        self.assertEqual(3, len(found[0]))
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])

    def test_held_killed_and_back(self):
        a, b, c = self.servers.all
        b.hold_rows()
        a.run("INSERT INTO patient (LName) VALUES ('held')")
        self.assertEqual((), tuple(self.patients_at(b, "held")))
        c.kill()
        b.release_rows()
        c.start()
        self.servers.wait(lambda: self.patients_at(c, "held"),
                          "the row comes past the one that was killed")

    def test_killed_while_rows_come(self):
        a, _, c = self.servers.all
        count = 200
        with a.connect() as connection, connection.cursor() as cursor:
            for _ in range(count):
                cursor.execute("INSERT INTO patient (LName) VALUES ('come')")
        self.servers.wait(lambda: self.patients_at(c, "come"), "the first rows come")
        c.kill()
        c.start()
        self.servers.wait(lambda: len(self.patients_at(c, "come")) == count, "all rows come")
        self.servers.wait_replicated()

    def test_the_agents_account_reads_only(self):
        server = self.servers[0]
        with server.connect(user=READER, password=READER_PASSWORD) as connection, \
                connection.cursor() as cursor:
            cursor.execute("SELECT DocNum, PatNum, FileName FROM document")
            cursor.execute("SHOW SLAVE STATUS")
            with self.assertRaises(pymysql.err.OperationalError):
                cursor.execute("UPDATE document SET FileName='x'")


class StandingTest(Practice):
    """What is said when rows do not come."""

    SITES = 2

    def test_the_error_of_the_server_that_stands(self):
        a, b = self.servers.all
        self.servers.wait_replicated()
        with b.connect() as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_log_bin=0")
            cursor.execute("INSERT INTO patient (PatNum, LName) VALUES (9001, 'only here')")
        a.run("INSERT INTO patient (PatNum, LName) VALUES (9001, 'elsewhere')")
        told = r"server 1: receives: Yes .*\n.*server 2: .* error: .*Duplicate entry '9001'"
        with self.assertRaisesRegex(AssertionError, told):
            self.servers.wait_replicated()
        with self.assertRaisesRegex(AssertionError, told):
            self.servers.wait(lambda: False, "what never comes")


if __name__ == "__main__":
    unittest.main()
