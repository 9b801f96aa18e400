"""How every replica is: the overview, its events, the check of a monitor."""

import contextlib
import os
import sqlite3

from browser import Browser
from cluster import poll
from dashboards import DashboardCluster
from folder import write


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
        line = a.ok("status", "--check").out
        self.assertTrue(line.startswith("OK: "), line)
        self.assertRegex(line, r"\|conflicts=0;0 brake=0;0 .*peers_connected=1;;;0;1$")
        b.stop()
        page = Browser.of(a)
        poll(lambda: page.get("/v1/overview").json()["health"][1]["level"] == "attention", "b is away")
        check = a.ok("status", "--check").out
        self.assertRegex(check, r"^OK: .*peers_connected=0;;;0;1$", "not for long")
        a.stop()
        self.assertEqual(2, a.cmd("status", "--check").rc)
        # An hour passes: what is kept of b is from before it.
        with contextlib.closing(sqlite3.connect(os.path.join(a.state, b"index.db"))) as db, db:
            changed = db.execute("UPDATE peers SET last_seen_ms = last_seen_ms - 3600000 "
                                 "WHERE last_seen_ms > 0").rowcount
        self.assertEqual(1, changed)
        a.start()
        check = a.cmd("status", "--check")
        self.assertEqual(2, check.rc, check)
        self.assertTrue(check.out.startswith("CRITICAL: b was not seen since "), check.out)
        self.assertEqual("bad", Browser.of(a).get("/v1/overview").json()["health"][1]["level"])
