"""The dashboard's port: who may use it, what it serves, and what it does not."""

import os
import socket
import time

from browser import Browser, token_of
from cluster import poll
from dashboards import DashboardCluster
from folder import read, write


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

    def test_slow_connections_hold_up_neither_the_agent_nor_each_other_for_good(self):
        # How long one may take is a unit test's (dashboard_server_test).
        host, port = self.a.dashboard.split(":")
        slow = []
        for _ in range(80):
            connection = socket.create_connection((host, int(port)), timeout=60)
            self.addCleanup(connection.close)
            slow.append(connection)
            try:
                connection.sendall(b"GET /v1/overview HTTP/1.1\r\nHost: ")
            except OSError:  # one too many
                pass

        def closed():
            found = []
            for connection in slow:
                connection.setblocking(False)
                try:
                    if connection.recv(4096) == b"":
                        found.append(connection)
                except BlockingIOError:
                    pass
                except OSError:
                    found.append(connection)
            return found if len(found) >= 80 - 64 else None

        poll(closed, "those above 64 are closed")
        self.assertEqual("idle", self.a.status()["state"])
        for connection in slow:
            connection.close()

        def served():
            try:
                return self.page.ask("GET", "/v1/overview").status == 200
            except OSError:  # closed, while those before it are still being ended
                return False

        poll(served, "the page is served again")

    def test_stops_at_once_with_pages_open(self):
        events = self.page.events()
        self.assertEqual("overview", next(events)[0])
        host, port = self.a.dashboard.split(":")
        with socket.create_connection((host, int(port))) as open_one:
            open_one.sendall(b"GET / HT")
            before = time.monotonic()
            self.a.stop()
            self.assertLess(time.monotonic() - before, 30)
