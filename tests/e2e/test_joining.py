"""Inviting and joining replicas, and those who were not invited."""

import os
import re
import socket
import ssl
import unittest

from cluster import ClusterTest, filled, poll
from folder import contents_anywhere, read, tree, write


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
