"""Making, inviting and joining replicas; usage and configuration errors; the words of `status`."""

import os
import re
import signal
import socket
import ssl
import unittest

from cluster import ClusterTest, filled, poll
from folder import contents_anywhere, read, tree, write


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


class InvitationTest(ClusterTest):

    def pair(self):
        a, b = self.replica("a").init().start(), self.replica("b").init().start()
        return a, b

    def test_token_works_once(self):
        a, b = self.pair()
        token = a.invite()
        self.assertEqual(1, len(token.split()))
        b.ok("join", token)
        c = self.replica("c").init().start()
        answer = c.cmd("join", token)
        self.assertEqual(5, answer.rc, answer)
        self.assertIn("used", answer.err)
        self.assertEqual([], c.status()["peers"])
        self.assertEqual(["b"], [peer["name"] for peer in a.status()["peers"]])

    def test_token_expires(self):
        a, b = self.pair()
        token = a.invite("--expires", "1s")

        def expired():
            # In the moment it expires the inviter may be the one who says so, with 5.
            answer = b.cmd("join", "--preview", token)
            return answer if answer.rc == 2 else None

        answer = poll(expired, "the invitation expires")
        self.assertIn("expired", answer.err)
        self.assertEqual(2, b.cmd("join", token).rc)
        self.assertEqual([], a.status()["peers"])

    def test_mistyped_and_cut_tokens_say_so(self):
        a, b = self.pair()
        token = a.invite()
        wrong = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
        for given, word in ((wrong, "mistyped"), (token[:-5], "cut off"), (token[:20], "cut off"),
                            ("hello", "not an invitation"), ("", "")):
            answer = b.cmd("join", given)
            self.assertEqual(2, answer.rc, answer)
            self.assertIn(word, answer.err)
        b.ok("join", token)

    def test_invite_before_the_agent_runs(self):
        a, b = self.replica("a").init(), self.replica("b").init()
        write(a.root, b"S/Smith/photo.jpg", b"one")
        answer = a.ok("invite")
        self.assertIn("not running", answer.err)
        # Nobody answers yet.
        refused = b.cmd("join", answer.out.strip())
        self.assertEqual(5, refused.rc, refused)
        a.start()
        # The joining agent need not run either.
        b.ok("join", answer.out.strip())
        b.start()
        self.wait_equal(a, b)
        self.assertEqual(b"one", read(b.root, b"S/Smith/photo.jpg"))

    def test_own_invitation_and_second_cluster_are_refused(self):
        a, b = self.pair()
        self.assertEqual(2, a.cmd("join", a.invite()).rc)
        b.join(a)
        c = self.replica("c").init().start()
        self.assertNotEqual(0, b.cmd("join", c.invite()).rc)
        self.assertEqual([], c.status()["peers"])

    def test_bad_expiry(self):
        a = self.replica("a").init()
        for value in ("soon", "0s", "100d", "-1h"):
            self.assertEqual(2, a.cmd("invite", "--expires", value).rc, value)


class JoinTest(ClusterTest):

    def test_one_join_pairs_both_ways_and_with_all(self):
        a, b = self.cluster(2)
        c = self.replica("c").init().start()
        c.join(a)
        for one, others in ((a, "bc"), (b, "ac"), (c, "ab")):
            poll(lambda: sorted(p["name"] for p in one.status()["peers"] if p["connected"]) ==
                 list(others), f"{one.name} is connected with {others}")
            self.assertEqual(len(others), one.config_text().count("\n[[peer]]"))
        for replica in (a, b, c):
            replica.stop()
        # It was written down, not only remembered.
        for replica in (a, b, c):
            replica.start()
        write(c.root, b"news.txt", b"from c")
        self.wait_equal(a, b, c)
        self.assertEqual(b"from c", read(b.root, b"news.txt"))

    def seeded(self):
        """Two folders with equal, different and one-sided files; a's is older except one."""
        a, b = self.replica("a").init(), self.replica("b").init()
        old, new = 1_600_000_000_000_000_000, 1_700_000_000_000_000_000
        for root in (a.root, b.root):
            write(root, b"S/Same/1.jpg", b"same 1", old)
            write(root, b"S/Same/2.jpg", b"same 2", old)
        write(a.root, b"D/Diff/x.txt", b"x of a", old)
        write(b.root, b"D/Diff/x.txt", b"x of b, newer", new)
        write(a.root, b"D/Diff/y.txt", b"y of a, newer", new)
        write(b.root, b"D/Diff/y.txt", b"y of b", old)
        write(a.root, b"D/Diff/a.txt", b"only a", old)
        write(b.root, b"D/Diff/b.txt", b"only b", old)
        return a, b

    def test_preview_counts_and_changes_nothing(self):
        a, b = self.seeded()
        a.start()
        poll(lambda: a.status()["state"] == "idle" and a.status()["files"] == 5, "a is scanned")
        token = a.invite()
        before = (tree(a.root), tree(b.root), b.config_text())
        for running in (False, True):
            if running:
                b.start()
            for _ in range(2):
                answer = b.cmd("join", "--preview", "--json", token)
                self.assertEqual(1, answer.rc, answer)
                report = answer.json()
                self.assertEqual(2, report["equal"])
                named = {key: [entry["path"] for entry in report[key]]
                         for key in ("only_here", "only_there", "different")}
                self.assertEqual({"only_here": ["D/Diff/b.txt"], "only_there": ["D/Diff/a.txt"],
                                  "different": ["D/Diff/x.txt", "D/Diff/y.txt"]}, named)
        text = b.cmd("join", "--preview", token).out
        self.assertRegex(text, r"Equal files: 2\n")
        self.assertIn("D/Diff/x.txt", text)
        self.assertEqual(before, (tree(a.root), tree(b.root), b.config_text()))
        self.assertEqual([], a.status()["peers"])
        b.ok("join", token)
        self.wait_equal(a, b)

    def join_with(self, authority, expected):
        a, b = self.seeded()
        a.start()
        poll(lambda: a.status()["files"] == 5 and a.status()["state"] == "idle", "a is scanned")
        written = contents_anywhere(a.root) | contents_anywhere(b.root)
        b.start()
        more = ["--authority", authority] if authority else []
        b.join(a, *more)
        self.wait_equal(a, b)
        for path, content in expected.items():
            self.assertEqual(content, read(a.root, path), path)
        self.assertEqual(b"only a", read(b.root, b"D/Diff/a.txt"))
        self.assertEqual(b"only b", read(a.root, b"D/Diff/b.txt"))
        for replica in (a, b):
            listed = {c["path"]: c for c in replica.conflicts()}
            self.assertEqual({"D/Diff/x.txt", "D/Diff/y.txt"}, listed.keys(), replica.name)
            self.assertEqual(1, replica.cmd("conflicts").rc)
        self.assertEqual({c["id"] for c in a.conflicts()}, {c["id"] for c in b.conflicts()})
        kept = contents_anywhere(a.root) | contents_anywhere(b.root)
        self.assertEqual(set(), written - kept, "every loser is kept")

    def test_authority_inviter(self):
        self.join_with("inviter", {b"D/Diff/x.txt": b"x of a", b"D/Diff/y.txt": b"y of a, newer"})

    def test_authority_mine(self):
        self.join_with("mine", {b"D/Diff/x.txt": b"x of b, newer", b"D/Diff/y.txt": b"y of b"})

    def test_authority_newest_is_the_default(self):
        self.join_with("", {b"D/Diff/x.txt": b"x of b, newer",
                            b"D/Diff/y.txt": b"y of a, newer"})

    def test_seeded_folder_is_adopted_without_traffic(self):
        a, b = self.replica("a"), self.replica("b")
        for replica in (a, b):
            os.makedirs(replica.root)
            filled(100)(replica.root)
            replica.init().start()
        b.join(a)
        self.wait_equal(a, b)
        self.assertEqual(0, b.peer(a)["received_bytes"])
        self.assertEqual(0, a.peer(b)["received_bytes"])
        self.assert_no_conflicts(a, b)

    def test_removed_member_gets_nothing_more(self):
        a, b, c = self.cluster(3)
        a.ok("peers", "remove", "c")
        for replica in (a, b):
            poll(lambda: [p["name"] for p in replica.status()["peers"]] ==
                 (["b"] if replica is a else ["a"]), "c is forgotten")
        write(a.root, b"secret.txt", b"secret")
        self.wait_equal(a, b)
        self.assertEqual(b"secret", read(b.root, b"secret.txt"))
        self.assertIsNone(read(c.root, b"secret.txt"))
        self.assertEqual(2, a.cmd("peers", "remove", "nobody").rc)


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


class StrangersTest(ClusterTest):

    def test_garbage_on_the_port(self):
        a, b = self.cluster(2)
        sockets = []
        for content in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(100_000), b"\x16\x03\x01\xff\xff",
                        b"\x00" * 65536, b""):
            for _ in range(10):
                stranger = socket.create_connection(("127.0.0.1", a.port), timeout=5)
                sockets.append(stranger)
                try:
                    stranger.sendall(content)
                except OSError:
                    pass  # refused already
        write(b.root, b"news.txt", b"news")
        self.wait_equal(a, b)
        for stranger in sockets:
            stranger.close()
        self.assertIsNone(a.status()["last_error"])

    def test_tls_without_or_with_a_foreign_certificate(self):
        a, b = self.cluster(2)
        stranger = self.replica("x").init()
        for certificate in (None, stranger):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            if certificate is not None:
                context.load_cert_chain(os.path.join(stranger.state, b"identity.crt"),
                                        os.path.join(stranger.state, b"identity.key"))
            received = b""
            with socket.create_connection(("127.0.0.1", a.port), timeout=10) as raw:
                try:
                    with context.wrap_socket(raw) as secure:
                        secure.sendall(b"\x00" * 1000)
                        while piece := secure.recv(4096):
                            received += piece
                            self.assertLess(len(received), 100_000)
                except (ssl.SSLError, ConnectionError):
                    pass
            self.assertNotIn(b.id.encode(), received)
        write(b.root, b"news.txt", b"news")
        self.wait_equal(a, b)

    def test_unknown_peer_gets_nothing(self):
        a, b = self.cluster(2, filled(10))
        before = tree(a.root)
        stranger = self.replica("x").init()
        write(stranger.root, b"evil.txt", b"evil")
        stranger.ok("peers", "add", a.id, a.address, "--name", "a")
        stranger.start()
        poll(lambda: stranger.peer(a)["problem"] or
             re.search(r"unknown|not a member|refus|not known", stranger.logs() + a.logs()),
             "somebody says why")
        self.assertFalse(stranger.peer(a)["connected"] and stranger.peer(a)["in_sync"])
        a.wait()
        self.assertEqual(before, tree(a.root))
        self.assertEqual({b"evil.txt"}, tree(stranger.root).keys())
        self.assertEqual(["b"], [peer["name"] for peer in a.status()["peers"]])


if __name__ == "__main__":
    unittest.main()
