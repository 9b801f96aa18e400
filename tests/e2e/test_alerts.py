"""Who is told: alerts by program and by address, numbers for Prometheus, the canary."""

import http.server
import json
import os
import signal
import stat
import sys
import threading

try:
    from prometheus_client.parser import text_string_to_metric_families
except ImportError:  # this Python is not the system's, whose package it is
    sys.path.append("/usr/lib/python3/dist-packages")
    from prometheus_client.parser import text_string_to_metric_families

from browser import Browser
from cluster import poll
from dashboards import DashboardCluster
from folder import read, tree, write


class Receiver:
    """A little server that takes alerts; refuses the first `refuse` of them."""

    def __init__(self, refuse=0):
        self.got = []
        outer = self
        outer.refuse = refuse

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.refuse > 0:
                    outer.refuse -= 1
                    self.send_response(500)
                else:
                    outer.got.append(json.loads(body))
                    self.send_response(204)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/alerts?x=1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


class AlertTest(DashboardCluster):

    def alerts_to(self, replica, **keys):
        text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        replica.edit_config(r"#\[alert\]\n", "[alert]\n" + text)
        replica.process.send_signal(signal.SIGHUP)

    def test_a_program_is_told_of_beginning_and_end(self):
        a, b = self.conflict()
        told = os.path.join(self.temp, b"told")
        script = os.path.join(self.temp, b"tell me.sh")
        with open(script, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\ncat >> "$1"\n')
        os.chmod(script, stat.S_IRWXU)
        self.alerts_to(a, command=[os.fsdecode(script), os.fsdecode(told)])

        def lines():
            return [json.loads(line) for line in (read(self.temp, b"told") or b"").splitlines()]

        poll(lambda: len(lines()) == 1, "told of the conflict")
        self.assertEqual(("began", "conflict", 1, "a"),
                         tuple(lines()[0][key] for key in ("event", "what", "count", "replica")))
        self.assertNotIn("Smith", json.dumps(lines()))
        a.ok("conflicts", "resolve", a.conflicts()[0]["id"], "--keep", "winner")
        poll(lambda: len(lines()) == 2, "told that it is over")
        self.assertEqual(("over", "conflict"), (lines()[1]["event"], lines()[1]["what"]))

    def test_an_address_is_told_again_where_it_failed(self):
        receiver = Receiver(refuse=1)
        self.addCleanup(receiver.end)
        a, b = self.conflict()
        self.alerts_to(a, url=receiver.url)
        poll(lambda: receiver.got, "told at the second try", deadline_s=60)
        self.assertEqual("conflict", receiver.got[0]["what"])
        self.assertIn("answered with 500", a.logs())

    def test_a_folder_that_goes(self):
        receiver = Receiver()
        self.addCleanup(receiver.end)
        a = self.one()
        self.alerts_to(a, url=receiver.url)
        os.rename(a.root, a.root + b".away")
        poll(lambda: [it["what"] for it in receiver.got] == ["root-missing"], "told")
        self.assertEqual(2, a.cmd("status", "--check").rc)
        os.rename(a.root + b".away", a.root)
        poll(lambda: [it["event"] for it in receiver.got] == ["began", "over"], "over")

    def test_only_inside_the_practice(self):
        a = self.replica("a").init()
        for key, value in (("url", "http://example.com/"), ("url", "https://127.0.0.1/"),
                           ("url", "http://8.8.8.8/"), ("url", "http://user@127.0.0.1/"),
                           ("command", ["logger"]), ("command", "/bin/true"), ("silent", "1s"),
                           ("odd", True)):
            text = a.config_text()
            a.edit_config(r"#\[alert\]\n", f"[alert]\n{key} = {json.dumps(value)}\n")
            answer = a.cmd("run")
            self.assertEqual(2, answer.rc, (key, value))
            self.assertIn(f"[alert] {key}", answer.err)
            with open(a.config_file, "w", encoding="utf-8") as file:
                file.write(text)


class MetricsTest(DashboardCluster):

    def metrics(self, replica, path="/metrics"):
        reply = Browser(replica.dashboard).get(path)
        self.assertEqual("text/plain; version=0.0.4; charset=utf-8", reply.headers["Content-Type"])
        families = {family.name: family
                    for family in text_string_to_metric_families(reply.body.decode())}
        self.assertGreater(len(families), 10)
        return families, reply.body

    def test_prometheus_reads_them(self):
        a, b = self.cluster(2, lambda root: write(root, b"S/SmithJohn12/x.jpg", b"x" * 1000),
                            self.with_dashboard)
        self.assertEqual(404, Browser(a.dashboard).ask("GET", "/metrics").status, "off by default")
        a.edit_config("metrics = false", "metrics = true")
        a.process.send_signal(signal.SIGHUP)

        def is_on():
            try:
                return Browser(a.dashboard).ask("GET", "/metrics").status == 200
            except ConnectionError:  # it closes for a moment, to begin anew
                return False

        poll(is_on, "on")
        families, text = self.metrics(a)
        self.assertNotIn(b"Smith", text)
        for name, family in families.items():
            self.assertTrue(name.startswith("atozsync_"), name)
            self.assertIn(family.type, ("gauge", "counter"), name)
            self.assertTrue(family.documentation, name)
            for sample in family.samples:
                if family.type == "counter":
                    self.assertTrue(sample.name.endswith("_total"), sample.name)
        value = {sample.name + "".join(sample.labels.values()): sample.value
                 for family in families.values() for sample in family.samples}
        self.assertEqual((1, 1, 1, 1000, 0),
                         tuple(value[name] for name in ("atozsync_peer_connectedb",
                                                        "atozsync_state" + a.status()["state"],
                                                        "atozsync_folder_files",
                                                        "atozsync_folder_bytes",
                                                        "atozsync_conflicts_open")))
        # No session, but the other checks hold.
        self.assertEqual(403, Browser(a.dashboard).ask(
            "GET", "/metrics", headers={"Host": "evil.example"}).status)
        self.assertEqual(404, Browser(a.dashboard).ask("POST", "/metrics", {}).status)


class CanaryTest(DashboardCluster):

    def test_measures_the_way_and_leaves_nothing(self):
        a, b = self.cluster(2, None, self.with_dashboard)
        a.edit_config('canary = "off"', 'canary = "1m"')
        a.process.send_signal(signal.SIGHUP)
        page = Browser.of(a)

        def measured():
            last = page.get("/v1/overview").json()["canary"]["last"]
            return last if last and last["round_trips"][0]["round_trip_ms"] is not None else None

        first = poll(measured, "measured")
        self.assertEqual("b", first["round_trips"][0]["peer"])
        self.assertGreaterEqual(first["round_trips"][0]["round_trip_ms"], 0)
        second = poll(lambda: (lambda it: it if it and it["sent"] != first["sent"] else None)(measured()),
                      "measured again", deadline_s=120, pause_s=1)
        self.assertIsNotNone(second)
        self.wait_equal(a, b)
        names = [name for name in tree(b.root) if b"." in name]
        self.assertEqual(1, len(names), names)
        for replica in (a, b):
            history = replica.json("history", os.fsdecode(names[0]))["versions"]
            self.assertEqual(["live"], [version["version"] for version in history])
            self.assertEqual([], replica.conflicts())
