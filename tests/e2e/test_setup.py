"""Making replicas; usage and configuration errors; the words of `status`."""

import os
import re
import signal
import unittest

from cluster import ClusterTest, filled, poll
from folder import read, tree, write


class InitTest(ClusterTest):

    def refused(self, replica, *args):
        answer = replica.cmd("init", *args)
        self.assertEqual(2, answer.rc, answer)
        self.assertTrue(answer.err.startswith("atozsync: "), answer)
        self.assertFalse(os.path.exists(replica.config_file))
        return answer.err

    def test_bad_roots_are_refused(self):
        a = self.replica("a")
        file = os.path.join(self.temp, b"file")
        open(file, "wb").close()
        self.assertIn("file", self.refused(a, "--root", file))
        self.assertIn("nowhere", self.refused(a, "--root", self.temp + b"/nowhere"))
        self.refused(a, "--root", "/")
        self.refused(a)
        # The state directory inside the folder, and the other way round.
        self.refused(a, "--root", a.home)
        inside = os.path.join(a.state, b"folder")
        os.makedirs(inside)
        self.refused(a, "--root", inside)

    def test_public_and_bad_addresses_are_refused(self):
        a = self.replica("a")
        os.makedirs(a.root)
        for address in ("0.0.0.0:22067", "8.8.8.8:22067", "127.0.0.1", "127.0.0.1:99999"):
            self.assertIn(address, self.refused(a, "--root", a.root, "--listen", address))

    def test_state_is_private_and_made_once(self):
        a = self.replica("a").init()
        self.assertEqual(0o700, os.stat(a.state).st_mode & 0o777)
        for name in (b"identity.key", b"identity.crt"):
            self.assertEqual(0o600, os.stat(os.path.join(a.state, name)).st_mode & 0o777, name)
        self.assertTrue(os.path.exists(os.path.join(a.root, b".atozsync/root-id")))
        before = a.config_text()
        self.assertEqual(2, a.cmd("init", "--root", a.root).rc)
        self.assertEqual(before, a.config_text())
        self.assertEqual(a.id, a.ok("id").out.strip())

    def test_one_agent_per_state_directory(self):
        a = self.replica("a").init().start()
        answer = a.cmd("run")
        self.assertEqual(5, answer.rc, answer)
        self.assertIn("another agent", answer.err)
        self.assertEqual("idle", poll(lambda: a.status()["state"] == "idle" and "idle", "idle"))


class UsageTest(ClusterTest):

    COMMANDS = ("status", "wait", "resync", "conflicts", ("conflicts", "list"),
                ("explain", "x"), ("history", "x"), ("restore", "x"), "pause", "resume",
                ("peers", "remove", "x"))

    def test_agent_not_running_is_4(self):
        a = self.replica("a").init()
        for command in self.COMMANDS:
            args = (command,) if isinstance(command, str) else command
            answer = a.cmd(*args)
            self.assertEqual(4, answer.rc, (args, answer))
            self.assertTrue(answer.err.startswith("atozsync: "), answer)

    def test_not_initialized_is_2_or_4(self):
        a = self.replica("a")
        for command in ("run", "id", "invite"):
            answer = a.cmd(command)
            self.assertEqual(2, answer.rc, answer)
            self.assertIn("init", answer.err)

    def test_usage_errors_are_2(self):
        a = self.replica("a").init()
        for args in ((), ("fly",), ("status", "--fly"), ("wait", "--timeout", "soon"),
                     ("conflicts", "resolve", "1"), ("conflicts", "resolve", "1", "--keep", "all"),
                     ("conflicts", "export", "--format", "xml"), ("explain",), ("join",),
                     ("join", "x", "--authority", "god"),
                     ("peers", "add", "nonsense", "1.2.3.4:5")):
            answer = a.cmd(*args)
            self.assertEqual(2, answer.rc, (args, answer))
            self.assertTrue(answer.err.startswith("atozsync: "), (args, answer))

    def test_help(self):
        a = self.replica("a")
        for args in (("--help",), ("run", "--help"), ("conflicts", "resolve", "--help")):
            self.assertIn("--help", a.ok(*args).out)
        self.assertIn("0.1.0", a.ok("--version").out)


class ConfigTest(ClusterTest):

    def test_bad_values_name_file_line_and_key(self):
        a = self.replica("a").init()
        good = a.config_text()
        for old, new, key in (
                ('upload_limit = "unlimited"', 'upload_limit = 5', "upload_limit"),
                ("keep_days = 90", "keep_days = 0", "keep_days"),
                ("keep_days = 90", 'keep_days = "long"', "keep_days"),
                ('settle = "100ms"', 'settle = "a while"', "settle"),
                ('interval = "1h"', 'intervall = "1h"', "intervall"),
                ('level = "info"', 'level = "loud"', "level"),
                ("ignore = []", 'ignore = "x"', "ignore"),
                ("redact = false", "redact = 1", "redact"),
                ("allow_public = false", "allow_public = no", ""),
                (f'"{a.address}"', '"0.0.0.0:1"', "listen"),
                (f'"{a.address}"', '"127.0.0.1"', "listen"),
                ('name = "a"', 'name = ""', "name"),
                ("[versions]", "[verions]", "verions")):
            self.assertIn(old, good)
            text = good.replace(old, new)
            line = text[:text.index(new)].count("\n") + 1
            with open(a.config_file, "w", encoding="utf-8") as file:
                file.write(text)
            answer = a.cmd("run")
            self.assertEqual(2, answer.rc, (new, answer))
            self.assertIn("atozsync.toml", answer.err, new)
            self.assertIn(key, answer.err, new)
            where = re.search(r"atozsync\.toml:(\d+)", answer.err)
            self.assertIsNotNone(where, answer)
            self.assertEqual(line, int(where.group(1)), (new, answer))

    def test_hangup_rereads_the_configuration(self):
        a, b = self.cluster(2)
        for replica in (a, b):
            replica.edit_config(r"ignore = \[\]", 'ignore = ["*.bak"]')
            replica.process.send_signal(signal.SIGHUP)

        def reread(replica):
            write(replica.root, b"probe.bak", b"x")
            text = replica.ok("explain", "probe.bak").out
            return "not synchronized" in text

        for replica in (a, b):
            poll(lambda: reread(replica), "the new pattern is used")
        write(a.root, b"1.bak", b"not this")
        write(a.root, b"1.txt", b"but this")
        poll(lambda: read(b.root, b"1.txt"), "1.txt arrives")
        a.wait()
        self.assertIsNone(read(b.root, b"1.bak"))

    def test_hangup_with_an_error_changes_nothing(self):
        a, b = self.cluster(2)
        a.edit_config(r"keep_days = 90", "keep_days = -1")
        a.process.send_signal(signal.SIGHUP)
        poll(lambda: "keep_days" in a.logs(), "the error is in the log")
        write(a.root, b"1.txt", b"one")
        self.wait_equal(a, b)
        self.assertEqual(b"one", read(b.root, b"1.txt"))

    def test_hangup_changes_the_upload_limit_under_way(self):
        a, b = self.cluster(2)
        self.assertIsNone(a.status()["upload_limit"])
        self.assertNotIn("Upload limit", a.ok("status").out)
        ended = a.logs(1000).count("disconnected")
        self.set_limit(a, "unlimited", "64 kbit/s")
        self.assertIn("Upload limit: 64 kbit/s", a.ok("status").out)
        content = os.urandom(600_000)  # more than a minute at that speed
        write(a.root, b"1.bin", content)
        poll(lambda: b.status()["to_receive"]["files"] == 1, "1.bin is announced")
        write(a.root, b"2.txt", b"a letter")
        poll(lambda: read(b.root, b"2.txt"), "2.txt passes by")
        self.assertIsNone(read(b.root, b"1.bin"))
        self.set_limit(a, "64 kbit/s", "8 Gbit/s")
        self.wait_equal(a, b)
        self.assertEqual(content, read(b.root, b"1.bin"))
        self.assertEqual(ended, a.logs(1000).count("disconnected"))

    def set_limit(self, replica, old, new):
        replica.edit_config(f'\nupload_limit = "{old}"', f'\nupload_limit = "{new}"')
        replica.process.send_signal(signal.SIGHUP)
        poll(lambda: f"the upload limit is now {new}" in replica.logs(), "the limit is in force")

    def test_a_schedule_holds_at_its_hours(self):
        a = self.replica("a").init()
        with open(a.config_file, "a", encoding="utf-8") as file:
            file.write('\n[[network.schedule]]\nupload_limit = "2 Mbit/s"\n')
        a.start()
        self.assertEqual({"bytes_per_second": 250_000, "text": "2 Mbit/s"},
                         a.status()["upload_limit"])


class StatusTest(ClusterTest):

    def test_every_key_has_its_type(self):
        a, b = self.cluster(2, filled(20))
        c = self.replica("c").init().start()
        c.join(a)
        self.wait_equal(a, b, c)
        c.stop()
        poll(lambda: not a.peer(c)["connected"], "c is gone")
        status = a.status()
        self.assertEqual({"id": a.id, "name": "a", "root": os.fsdecode(os.path.realpath(a.root)),
                          "version": "0.1.0"}, status["replica"])
        self.assertIn(status["state"], ("idle", "scanning", "syncing"))
        self.assertIs(False, status["in_sync"])
        for key in ("files", "directories", "bytes", "sequence", "conflicts_open"):
            self.assertIs(int, type(status[key]), key)
        self.assertEqual("inotify", status["watching"]["mode"])
        for key in ("directories", "overflows"):
            self.assertIs(int, type(status["watching"][key]), key)
        for key in ("row", "locked", "brake"):
            self.assertEqual(0, status["held"][key])
        self.assertIsNone(status["last_error"])
        self.assertIn("database", status)
        peers = {peer["name"]: peer for peer in status["peers"]}
        self.assertEqual({"b", "c"}, peers.keys())
        for name, peer in peers.items():
            self.assertIs(type(peer["connected"]), bool)
            self.assertIs(type(peer["in_sync"]), bool)
            self.assertIs(type(peer["address"]), str)
            for key in ("received_bytes", "sent_bytes"):
                self.assertIs(int, type(peer[key]), key)
            for key in ("to_receive", "to_send"):
                self.assertEqual({"files": int, "bytes": int},
                                 {k: type(v) for k, v in peer[key].items()})
            self.assertIsInstance(peer["round_trip_ms"], (int, float, type(None)))
            self.assertRegex(peer["last_seen"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertTrue(peers["b"]["connected"])
        self.assertEqual(b.id, peers["b"]["id"])
        self.assertTrue(peers["b"]["address"].startswith("127.0.0.1:"), peers["b"]["address"])
        self.assertFalse(peers["c"]["connected"])
        found = tree(a.root)
        files = {p: v for p, v in found.items() if v[0] == "file"}
        self.assertEqual(len(files), status["files"])
        self.assertEqual(len(found) - len(files), status["directories"])
        self.assertEqual(sum(os.path.getsize(os.path.join(a.root, p)) for p in files),
                         status["bytes"])

    def test_wait(self):
        a, b = self.cluster(2)
        self.assertEqual(0, a.cmd("wait").rc)
        b.stop()
        poll(lambda: not a.peer(b)["connected"], "b is gone")
        answer = a.cmd("wait", "--timeout", "0.3")
        self.assertEqual(3, answer.rc, answer)
        self.assertEqual(4, b.cmd("wait").rc)
        b.start()
        a.wait()

    def test_wait_alone(self):
        a = self.replica("a").init().start()
        a.wait()
        self.assertTrue(a.status()["in_sync"])


if __name__ == "__main__":
    unittest.main()
