"""The dashboard's port: who may use it, what it serves, and what it does not."""

import os
import socket
import time

from browser import Browser, token_of
from cluster import ClusterTest, poll
from folder import read, write
from ports import free_port


class DashboardCluster(ClusterTest):

    def with_dashboard(self, name):
        made = self.replica(name)
        plain = made.init

        def init(*more):
            made.dashboard = f"127.0.0.1:{free_port()}"
            return plain("--dashboard", made.dashboard, *more)

        made.init = init
        return made

    def one(self, fill=None):
        return self.cluster(1, fill, self.with_dashboard)[0]

    def conflict(self, name=b"S/SmithJohn12/scan.jpg", at_a=b"\xff\xd8\xffat a",
                 at_b=b"\xff\xd8\xffat b, longer"):
        """Two replicas with one conflict; the first has a dashboard."""
        a, b = self.cluster(2, lambda root: write(root, name, b"before"), self.with_dashboard)
        return self.more_conflicts(a, b, {name: (at_a, at_b)})

    def more_conflicts(self, a, b, contents):
        for replica in (a, b):
            replica.stop()
        for name, (at_a, at_b) in contents.items():
            write(a.root, name, at_a)
            write(b.root, name, at_b)
        for replica in (a, b):
            replica.start()
            poll(lambda: replica.status()["state"] == "idle", "scanned")
            replica.stop()
        for replica in (a, b):
            replica.start()
        self.wait_equal(a, b)
        return a, b


class SessionTest(DashboardCluster):

    def test_a_token_opens_one_session_once(self):
        a = self.one()
        address, token = token_of(a)
        self.assertEqual(a.dashboard, address)
        page = Browser(address)
        self.assertEqual(401, page.ask("GET", "/v1/session").status)
        self.assertEqual(401, page.ask("GET", "/v1/overview").status)
        self.assertEqual(204, page.open(token).status)
        self.assertEqual("a", page.get("/v1/session").json()["replica"]["name"])
        self.assertEqual(200, page.get("/v1/overview").status)
        self.assertEqual(401, Browser(address).open(token).status, "used")
        self.assertEqual(401, Browser(address).open("0" * 64).status)
        self.assertEqual(401, Browser(address).open("").status)
        self.assertEqual(204, page.ask("DELETE", "/v1/session").status)
        self.assertEqual(401, page.ask("GET", "/v1/overview").status)

    def test_ui_says_what_is_missing(self):
        a = self.replica("a").init()
        answer = a.cmd("ui", "--print")
        self.assertEqual(2, answer.rc)
        self.assertIn("[dashboard]", answer.err)
        self.assertIn('listen = "127.0.0.1:22068"', answer.err)
        b = self.with_dashboard("b").init()
        answer = b.cmd("ui", "--print")
        self.assertEqual(4, answer.rc)
        self.assertIn("not running", answer.err)

    def test_neither_token_nor_secret_is_logged(self):
        a = self.one()
        a.edit_config('level = "info"', 'level = "debug"')
        a.stop()
        a.start()
        address, token = token_of(a)
        page = Browser(address)
        page.open(token)
        page.open("f" * 64)
        page.get("/v1/overview")
        a.stop()
        for directory, _, files in os.walk(a.home):
            for name in files:
                if not os.path.isfile(os.path.join(directory, name)):
                    continue
                content = read(directory, name) or b""
                for secret in (token, page.cookie, page.csrf, "f" * 64):
                    self.assertNotIn(secret.encode(), content, os.path.join(directory, name))

    def test_a_port_in_use_does_not_stop_the_agent(self):
        a = self.with_dashboard("a").init()
        host, port = a.dashboard.split(":")
        with socket.socket() as other:
            # The port may have been that of another test, whose connections still fade away.
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind((host, int(port)))
            other.listen()
            a.start()
            status = a.status()
            self.assertIsNone(status["dashboard"]["address"])
            self.assertIn(a.dashboard, status["dashboard"]["problem"])
            self.assertIn(a.dashboard, a.ok("status").out)
            self.assertEqual(5, a.cmd("ui", "--print").rc)
            self.assertIn("another program has that port", a.logs())
        # The configuration is read again, and tried at once.
        a.edit_config('metrics = false', 'metrics = true')
        a.process.send_signal(1)
        poll(lambda: a.status()["dashboard"]["address"] == a.dashboard, "listens")


class GuardTest(DashboardCluster):

    def setUp(self):
        super().setUp()
        self.a = self.one(lambda root: write(root, b"S/SmithJohn12/x.txt", b"text"))
        self.page = Browser.of(self.a)

    def refused(self, status, *args, **more):
        reply = self.page.ask(*args, **more)
        self.assertEqual(status, reply.status, reply)
        self.assertEqual("application/json", reply.headers["Content-Type"])
        self.assertIn("error", reply.json())
        return reply

    def test_host_and_origin(self):
        port = self.a.dashboard.rsplit(":", 1)[1]
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1:{int(port) + 1}",
                     f"127.0.0.1.evil.example:{port}", "", None):
            self.refused(403, "GET", "/v1/overview", headers={"Host": host})
            self.refused(403, "GET", "/", headers={"Host": host})
        for host in (f"localhost:{port}", f"LOCALHOST:{port}"):
            reply = self.page.ask("GET", "/v1/overview", headers={"Host": host})
            self.assertEqual(200, reply.status)
        for origin in ("http://evil.example", "null", f"https://{self.a.dashboard}",
                       f"http://{self.a.dashboard}.evil.example", "http://127.0.0.1"):
            self.refused(403, "POST", "/v1/pause", {}, headers={"Origin": origin})
            self.refused(403, "GET", "/v1/overview", headers={"Origin": origin})
        self.refused(403, "GET", "/v1/overview", headers={"Sec-Fetch-Site": "cross-site"})
        self.assertEqual("idle", self.a.status()["state"], "nothing was paused")

    def test_changes_carry_the_secret_of_the_page(self):
        for wrong in (None, "", "0" * 64):
            self.refused(403, "POST", "/v1/pause", {}, headers={"X-Atozsync-Csrf": wrong})
        self.refused(401, "POST", "/v1/pause", {}, headers={"Cookie": None})
        self.refused(401, "POST", "/v1/pause", {}, headers={"Cookie": "atozsync_session=" + "0" * 64})
        self.refused(405, "GET", "/v1/pause")
        self.assertEqual("idle", self.a.status()["state"])
        self.page.post("/v1/pause")
        self.assertEqual("paused", self.a.status()["state"])

    def test_what_only_the_socket_serves(self):
        for path in ("/v1/ui-token", "/v1/join", "/v1/peers", "/v1/peers/remove", "/v1/reload",
                     "/v1/version-file"):
            self.refused(404, "POST", path, {})
        self.refused(404, "GET", "/metrics")

    def test_bodies(self):
        self.refused(415, "POST", "/v1/search", b"text=x",
                     headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.refused(415, "POST", "/v1/search", b"{}", headers={"Content-Type": "text/plain"})
        self.refused(400, "POST", "/v1/search", b"{", )
        self.refused(400, "POST", "/v1/search", b"[" * 100 + b"]" * 100)
        self.refused(400, "POST", "/v1/search", b"0\r\n\r\n",
                     headers={"Transfer-Encoding": "chunked", "Content-Length": None})
        self.refused(400, "POST", "/v1/search", b"x", headers={"Content-Encoding": "gzip"})
        reply = self.page.ask("POST", "/v1/search", b'{"text": "' + b"x" * (2 << 20) + b'"}')
        self.assertEqual(413, reply.status, reply)
        self.assertEqual(200, self.page.get("/v1/overview").status)

    def test_paths_lead_nowhere_else(self):
        for path in ("/../atozsync.toml", "/%2e%2e/atozsync.toml", "/..%2fatozsync.toml", "/v1/../status",
                     "//etc/passwd", "/index.html/..", "/" + "a" * 3000,
                     "/v1/conflicts/..%2f..%2fstatus", "/v1/conflicts/%00", "/v1/conflicts/' OR 1=1",
                     "/v1/conflicts/" + "0" * 32 + "/content/..%2floser",
                     "/v1/held/99999999999999999999999999"):
            reply = self.page.ask("GET", path.replace(" ", "%20"))
            self.assertIn(reply.status, (400, 404, 405, 414), (path, reply))
            self.assertNotIn(b"[replica]", reply.body)
        for path in ("../../etc/passwd", "/etc/passwd", "a/../../b", ".atozsync/../../x"):
            for request in ("history", "explain", "version-content"):
                reply = self.page.ask("POST", "/v1/" + request, {"path": path, "version": "live"})
                self.assertIn(reply.status, (400, 404), (request, path, reply))
        raw = self.page.ask("POST", "/v1/version-content",
                            {"path_raw": b"../state/identity.key".hex(), "version": "live"})
        self.assertEqual(400, raw.status)

    def test_headers_on_everything(self):
        for reply in (self.page.ask("GET", "/"), self.page.get("/v1/overview"),
                      self.page.ask("GET", "/nothing"),
                      self.page.ask("GET", "/v1/overview", headers={"Host": "evil.example"}),
                      self.page.post("/v1/version-content",
                                     {"path": "S/SmithJohn12/x.txt", "version": "live"})):
            self.assertIn("default-src 'none'", reply.headers["Content-Security-Policy"])
            self.assertEqual("nosniff", reply.headers["X-Content-Type-Options"])
            self.assertEqual("no-referrer", reply.headers["Referrer-Policy"])
            self.assertEqual("same-origin", reply.headers["Cross-Origin-Resource-Policy"])
            self.assertEqual("same-origin", reply.headers["Cross-Origin-Opener-Policy"])
            for name in reply.headers:
                self.assertFalse(name.lower().startswith("access-control-"), name)
        self.assertEqual("no-store", self.page.get("/v1/overview").headers["Cache-Control"])
        self.assertNotIn("unsafe-inline", self.page.ask("GET", "/").headers["Content-Security-Policy"])

    def test_slow_and_many_connections_end(self):
        host, port = self.a.dashboard.split(":")
        slow = []
        for _ in range(80):
            connection = socket.create_connection((host, int(port)), timeout=60)
            connection.sendall(b"GET /v1/overview HTTP/1.1\r\nHost: ")
            slow.append(connection)
        # The agent itself is not held up by them.
        self.assertEqual("idle", self.a.status()["state"])

        def ended():
            left = 0
            for connection in slow:
                connection.setblocking(False)
                try:
                    if connection.recv(4096) != b"":
                        left += 1
                except BlockingIOError:
                    left += 1
                except OSError:
                    pass
            return left == 0

        poll(ended, "all slow ones are closed", deadline_s=90, pause_s=0.5)
        for connection in slow:
            connection.close()
        self.assertEqual(200, self.page.get("/v1/overview").status)

    def test_stops_at_once_with_pages_open(self):
        events = self.page.events()
        self.assertEqual("overview", next(events)[0])
        host, port = self.a.dashboard.split(":")
        with socket.create_connection((host, int(port))) as open_one:
            open_one.sendall(b"GET / HT")
            before = time.monotonic()
            self.a.stop()
            self.assertLess(time.monotonic() - before, 30)


class OverviewTest(DashboardCluster):

    def test_health_of_each_replica(self):
        a, b = self.cluster(2, lambda root: write(root, b"S/SmithJohn12/x.txt", b"text"),
                            self.with_dashboard)
        page = Browser.of(a)

        def agreed():
            health = page.get("/v1/overview").json()["health"]
            return all(entry["last_agreement"] for entry in health) and health

        health = poll(agreed, "both agreed", deadline_s=30)
        self.assertEqual([("a", True, "ok"), ("b", False, "ok")],
                         [(entry["name"], entry["self"], entry["level"]) for entry in health])
        b.stop()
        poll(lambda: page.get("/v1/overview").json()["health"][1]["level"] == "attention", "b is away")
        self.assertGreaterEqual(len(page.get("/v1/traffic").json()["samples"]), 1)
        before = page.get("/v1/overview").json()["health"][1]["last_agreement"]
        a.stop()
        a.start()
        page = Browser.of(a)
        self.assertEqual(before, page.get("/v1/overview").json()["health"][1]["last_agreement"])

    def test_events_come_when_something_changes(self):
        a = self.one()
        page = Browser.of(a)
        events = page.events()
        event, overview = next(events)
        self.assertEqual(("overview", 0), (event, overview["status"]["files"]))
        write(a.root, b"S/SmithJohn12/new.txt", b"new")
        for _, overview in events:
            if overview["status"]["files"] == 1:
                break
        self.assertEqual(page.get("/v1/overview").json().keys(), overview.keys())
        streams = [page.events() for _ in range(7)]
        for stream in streams:
            next(stream)
        self.assertEqual(503, page.ask("GET", "/v1/events").status)

    def test_silence_needs_a_person(self):
        a, b = self.cluster(2, None, self.with_dashboard)
        a.edit_config(r"#\[alert\]", "[alert]")
        a.edit_config(r'#silent = "1h"', 'silent = "1m"')
        a.process.send_signal(1)
        line = a.ok("status", "--check").out
        self.assertTrue(line.startswith("OK: "), line)
        self.assertRegex(line, r"\|conflicts=0;0 brake=0;0 .*peers_connected=1;;;0;1$")
        b.stop()
        check = poll(lambda: (lambda answer: answer if answer.rc == 2 else None)(a.cmd("status", "--check")),
                     "silent", deadline_s=120, pause_s=1)
        self.assertTrue(check.out.startswith("CRITICAL: b was not seen since "), check.out)
        a.stop()
        self.assertEqual(2, a.cmd("status", "--check").rc)


class ReviewTest(DashboardCluster):

    def test_query_show_decide_and_undo(self):
        a, b = self.conflict()
        page = Browser.of(a)
        found = page.post("/v1/conflicts/query", {"state": "open"}).json()
        self.assertEqual((1, ["a", "b"]), (found["total"], found["offices"]))
        conflict = found["conflicts"][0]
        self.assertEqual(a.conflicts()[0], conflict)
        for filters, total in (({"text": "SMITHjohn"}, 1), ({"text": "jones"}, 0), ({"office": "b"}, 1),
                               ({"kind": "edit-edit"}, 1), ({"kind": "case"}, 0),
                               ({"state": "decided"}, 0), ({"from": conflict["detected"]}, 1),
                               ({"to": "2020-01-01T00:00:00Z"}, 0), ({"offset": 1}, 1)):
            self.assertEqual(total, page.post("/v1/conflicts/query", filters).json()["total"], filters)
        page.post("/v1/conflicts/query", {"office": "nobody"}, status=400)
        page.post("/v1/conflicts/query", {"from": "yesterday"}, status=400)

        shown = poll(lambda: (lambda it: it if it["loser"]["available"] else None)(
            page.get("/v1/conflicts/" + conflict["id"]).json()), "the loser's bytes are here")
        self.assertEqual("image/jpeg", shown["winner"]["media_type"])
        self.assertTrue(shown["loser"]["previewable"])
        self.assertIsNone(shown["undo"])
        winner = page.get(f"/v1/conflicts/{conflict['id']}/content/winner").body
        loser = page.get(f"/v1/conflicts/{conflict['id']}/content/loser").body
        self.assertEqual({b"\xff\xd8\xffat a", b"\xff\xd8\xffat b, longer"}, {winner, loser})
        self.assertEqual(winner, read(a.root, b"S/SmithJohn12/scan.jpg"))

        preview = page.post("/v1/conflicts/preview", {"ids": [conflict["id"]], "keep": "loser"}).json()
        self.assertEqual(["replaced", "kept-version"],
                         [effect["effect"] for effect in preview["items"][0]["effects"]])
        done = page.post("/v1/conflicts/resolve",
                         {"decisions": [{"id": conflict["id"], "keep": "loser"}]}).json()
        self.assertEqual([{"id": conflict["id"], "ok": True, "error": None}], done["results"])
        self.wait_equal(a, b)
        self.assertEqual([loser, loser], [read(r.root, b"S/SmithJohn12/scan.jpg") for r in (a, b)])
        self.assertEqual("kept-loser", b.conflicts()[0]["state"])

        undone = page.post("/v1/undo", {"undo": done["undo"]}).json()
        self.assertTrue(undone["results"][0]["ok"], undone)
        self.wait_equal(a, b)
        self.assertEqual([winner, winner], [read(r.root, b"S/SmithJohn12/scan.jpg") for r in (a, b)])
        self.assertEqual(["open", "open"], [r.conflicts()[0]["state"] for r in (a, b)])

        # The other replica decides, and this one takes it back by the conflict's id.
        b.ok("conflicts", "resolve", conflict["id"], "--keep", "both")
        self.wait_equal(a, b)
        self.assertEqual(2, len(os.listdir(a.root + b"/S/SmithJohn12")))
        self.assertEqual(conflict["id"], page.get("/v1/conflicts/" + conflict["id"]).json()["undo"])
        self.assertTrue(page.post("/v1/undo", {"undo": conflict["id"]}).json()["results"][0]["ok"])
        self.wait_equal(a, b)
        self.assertEqual([b"scan.jpg"], os.listdir(b.root + b"/S/SmithJohn12"))

    def test_undo_is_refused_once_somebody_has_saved_the_file(self):
        a, b = self.conflict()
        page = Browser.of(a)
        conflict = a.conflicts()[0]
        done = page.post("/v1/conflicts/resolve",
                         {"decisions": [{"id": conflict["id"], "keep": "loser"},
                                        {"id": "0" * 32, "keep": "winner"}]}).json()
        self.assertEqual([True, False], [result["ok"] for result in done["results"]])
        write(a.root, b"S/SmithJohn12/scan.jpg", b"saved since")
        self.wait_equal(a, b)
        undone = page.post("/v1/undo", {"undo": done["undo"]}).json()["results"]
        self.assertEqual([False], [result["ok"] for result in undone])
        self.assertIn("changed since", undone[0]["error"])
        self.assertEqual(b"saved since", read(b.root, b"S/SmithJohn12/scan.jpg"))
        page.post("/v1/undo", {"undo": "decision-99"}, status=404)

    def test_nothing_in_a_content_can_run(self):
        names = {b"S/SmithJohn12/<script>alert(1)</script>.html":
                     (b"<html><script>alert(1)</script></html>", b"<!doctype html><script>1</script>x"),
                 b"S/SmithJohn12/picture.svg":
                     (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", b"<svg/>"),
                 b"S/SmithJohn12/program.exe": (b"MZ\x00\x01\x02", b"MZ\x00\x01\x02\x03")}
        a, b = self.cluster(2, lambda root: [write(root, name, b"before") for name in names],
                            self.with_dashboard)
        self.more_conflicts(a, b, names)
        page = Browser.of(a)
        found = page.post("/v1/conflicts/query")
        self.assertEqual("application/json", found.headers["Content-Type"])
        self.assertEqual(3, found.json()["total"])
        for conflict in found.json()["conflicts"]:
            for side in ("winner", "loser"):
                where = f"/v1/conflicts/{conflict['id']}/content/{side}"
                reply = poll(lambda: (lambda it: it if it.status == 200 else None)(page.ask("GET", where)),
                             "here")
                self.assertIn(reply.headers["Content-Type"],
                              ("text/plain; charset=utf-8", "application/octet-stream"))
                self.assertEqual("sandbox; default-src 'none'",
                                 reply.headers["Content-Security-Policy"])
                if conflict["path"].endswith(".exe"):
                    self.assertTrue(reply.headers["Content-Disposition"].startswith("attachment"))
                reply = page.get(where + "?download=1")
                self.assertRegex(reply.headers["Content-Disposition"],
                                 r'^attachment; filename="[0-9a-f]{12}-(winner|loser)\.(txt|bin)"$')
        for name in ("conflicts.csv", "conflicts.html"):
            reply = page.get("/v1/export/" + name)
            self.assertTrue(reply.headers["Content-Disposition"].startswith("attachment"))
            self.assertNotIn(b"<script>", reply.body if name.endswith("html") else b"")

    def test_search_and_versions(self):
        a, b = self.cluster(2, lambda root: [write(root, b"S/SmithJohn12/x%d.txt" % i, b"v1")
                                             for i in range(5)], self.with_dashboard)
        write(b.root, b"S/SmithJohn12/x0.txt", b"version 2")
        os.unlink(b.root + b"/S/SmithJohn12/x4.txt")
        self.wait_equal(a, b)
        page = Browser.of(a)

        def found(**body):
            return page.post("/v1/search", body).json()

        self.assertEqual([1, 0, 0, 0, 1],
                         [entry["versions"] for entry in found(text="smithjohn")["paths"]])
        self.assertEqual([True, True, True, True, False],
                         [entry["live"] for entry in found(text="SmithJohn12/x")["paths"]])
        pages = [found(text="x", offset=offset, limit=2) for offset in (0, 2, 4)]
        self.assertEqual([True, True, False], [one["more"] for one in pages])
        self.assertEqual(5, len({entry["path"] for one in pages for entry in one["paths"]}))
        page.post("/v1/search", {"text": ""}, status=400)
        history = page.post("/v1/history", {"path": "S/SmithJohn12/x0.txt"}).json()["versions"]
        contents = [page.post("/v1/version-content",
                              {"path": "S/SmithJohn12/x0.txt", "version": version["version"]}).body
                    for version in history]
        self.assertEqual([b"version 2", b"v1"], contents)

    def test_many_conflicts_are_paged_decided_and_undone(self):
        a, b = self.cluster(2, None, self.with_dashboard)
        count = 60
        names = {b"F/File%d/x.txt" % i: (b"a%d" % i, b"bb%d" % i) for i in range(count)}
        self.more_conflicts(a, b, names)
        page = Browser.of(a)
        seen = []
        for offset in range(0, count, 25):
            found = page.post("/v1/conflicts/query",
                              {"sort": "path", "offset": offset, "limit": 25}).json()
            self.assertEqual(count, found["total"])
            seen += [conflict["path"] for conflict in found["conflicts"]]
        self.assertEqual(sorted(os.fsdecode(name) for name in names), seen)
        # All of them at once, and back.
        ids = [conflict["id"] for conflict in page.post(
            "/v1/conflicts/query", {"limit": 500}).json()["conflicts"]]
        done = page.post("/v1/conflicts/resolve",
                         {"decisions": [{"id": one, "keep": "loser"} for one in ids]}).json()
        self.assertEqual([], [result for result in done["results"] if not result["ok"]])
        self.assertEqual(0, a.status()["conflicts_open"])
        undone = page.post("/v1/undo", {"undo": done["undo"]}).json()["results"]
        self.assertEqual([], [result for result in undone if not result["ok"]])
        self.assertEqual(count, a.status()["conflicts_open"])
