"""Conflicts and versions by the dashboard's requests: find, look, decide, take back."""

import os

from browser import Browser
from cluster import poll
from dashboards import DashboardCluster
from folder import read, write


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
