"""docs/openapi.yaml against a running agent: each documented request answers as documented."""

import http.client
import json
import os
import socket
import sys

try:
    import jsonschema
    import yaml
except ImportError:  # this Python is not the system's, whose packages they are
    sys.path.append("/usr/lib/python3/dist-packages")
    import jsonschema
    import yaml

from browser import Browser, token_of
from dashboards import DashboardCluster
from folder import write

DOCUMENT = os.path.join(os.path.dirname(__file__), "../../docs/openapi.yaml")


def as_json_schema(node):
    """OpenAPI 3.0 says nullable where JSON Schema has a type more."""
    if isinstance(node, list):
        return [as_json_schema(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    made = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [{"type": "null"}, made]} if node.get("nullable") is True else made


class Document:
    def __init__(self):
        with open(DOCUMENT, encoding="utf-8") as file:
            self.document = yaml.safe_load(file)
        self.schemas = as_json_schema(self.document["components"])

    def resolve(self, node):
        while "$ref" in node:
            found = self.document
            for part in node["$ref"].split("/")[1:]:
                found = found[part]
            node = found
        return node

    def requests(self):
        return {f"{method.upper()} {path}" for path, item in self.document["paths"].items()
                for method in item if method != "parameters"}

    def check(self, request, status, media_type, body):
        method, path = request.split(" ")
        responses = self.document["paths"][path][method.lower()]["responses"]
        assert str(status) in responses, (request, status, body)
        content = self.resolve(responses[str(status)]).get("content", {})
        if not content:
            assert body == b"", (request, body)
            return
        assert media_type in content, (request, media_type)
        schema = as_json_schema(content[media_type]["schema"])
        if media_type == "application/json":
            values = [json.loads(body)]
        elif media_type == "application/x-ndjson":
            values = [json.loads(line) for line in body.splitlines() if line.strip()][-1:]
        else:
            return
        for value in values:
            jsonschema.Draft202012Validator(
                {**schema, "components": self.schemas}).validate(value)


class Socket:
    """The control socket, asked as the dashboard is."""

    def __init__(self, replica):
        self.path = os.path.join(replica.state, b"control.sock")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.settimeout(60)
        # Where the name is longer than a socket's may be: through its directory.
        directory = os.open(os.path.dirname(self.path), os.O_PATH)
        connection.sock.connect(f"/proc/self/fd/{directory}/control.sock")
        os.close(directory)
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json"})
        response = connection.getresponse()
        if "/v1/events" in path:
            return response.status, response.headers, response.readline()
        return response.status, response.headers, response.read()


class OpenApiTest(DashboardCluster):

    def test_every_request_answers_as_documented(self):
        document = Document()
        a, b = self.conflict()
        page = Browser.of(a)
        local = Socket(a)
        path = {"path": "S/SmithJohn12/scan.jpg"}
        write(a.root, b"S/SmithJohn12/other.txt", b"one")
        self.wait_equal(a, b)
        write(b.root, b"S/SmithJohn12/other.txt", b"other")
        self.wait_equal(a, b)
        conflict = a.conflicts()[0]["id"]
        other = {"path": "S/SmithJohn12/other.txt"}
        version = json.loads(local.ask("POST", "/v1/history", other)[2])["versions"][1]["version"]
        nothing = "0" * 32
        one = "/v1/conflicts/{id}"
        # What is sent for each; several where there are several answers.
        plan = [
            ("GET /v1/status", None), ("GET /v1/overview", None), ("GET /v1/traffic", None),
            ("GET /v1/metrics", None), ("GET /v1/settled", None), ("POST /v1/pause", {}),
            ("POST /v1/resume", {}), ("POST /v1/reload", {}), ("POST /v1/resync", {"dry_run": True}),
            ("POST /v1/resync", {"peer": "nobody"}), ("GET /v1/conflicts", None),
            ("POST /v1/conflicts/query", {"state": "open"}),
            ("POST /v1/conflicts/query", {"state": "odd"}),
            ("POST /v1/conflicts/preview", {"ids": [conflict, nothing], "keep": "both"}),
            ("POST /v1/conflicts/preview", {"ids": [conflict], "keep": "odd"}),
            (f"GET {one}", None, conflict), (f"GET {one}", None, nothing),
            (f"GET {one}/content/{{side}}", None, conflict), (f"GET {one}/content/{{side}}", None, nothing),
            ("POST /v1/conflicts/resolve",
             {"decisions": [{"id": conflict, "keep": "loser"}, {"id": nothing, "keep": "both"}]}),
            ("POST /v1/conflicts/resolve", {"decisions": [{"id": "odd"}]}),
            (f"GET {one}", None, conflict),
            ("POST /v1/undo", {"undo": "decision-1"}), ("POST /v1/undo", {"undo": "odd"}),
            (f"POST {one}/resolve", {"keep": "odd"}, conflict),
            (f"POST {one}/resolve", {"keep": "winner"}, nothing),
            (f"POST {one}/resolve", {"keep": "winner"}, conflict),
            ("GET /v1/export/conflicts.csv", None), ("GET /v1/export/conflicts.html", None),
            ("GET /v1/held", None), ("GET /v1/held/{limit}", None), ("POST /v1/held/release", path),
            ("POST /v1/held/revert", path), ("POST /v1/search", {"text": "smith"}),
            ("POST /v1/search", {"text": ""}), ("POST /v1/explain", path), ("POST /v1/history", path),
            ("POST /v1/version-content", {**other, "version": version}),
            ("POST /v1/version-content", {**other, "version": "none"}),
            ("POST /v1/version-file", {**other, "version": version}),
            ("POST /v1/restore", {**other, "version": version}),
            ("POST /v1/restore", {**other, "version": "none"}),
            ("GET /v1/peers", None), ("POST /v1/peers", {"id": "odd"}),
            ("POST /v1/peers/remove", {"peer": "nobody"}), ("POST /v1/join", {"authority": "odd"}),
            ("POST /v1/ui-token", {}), ("GET /v1/events", None), ("POST /v1/verify-db", {}),
        ]
        only_socket = {"POST /v1/reload", "POST /v1/version-file", "POST /v1/peers",
                       "POST /v1/peers/remove", "POST /v1/join", "POST /v1/ui-token"}
        asked = set()
        for request, body, *ids in plan:
            method, template = request.split(" ")
            where = (template.replace("{id}", ids[0] if ids else nothing).replace("{side}", "winner")
                     .replace("{limit}", "5"))
            # By turns, so that both see each kind: the same handlers are behind them.
            if request in only_socket or len(asked) % 2 == 0 or request == "GET /v1/events":
                status, headers, content = local.ask(method, where, body)
            else:
                reply = page.ask(method, where, body)
                status, headers, content = reply.status, reply.headers, reply.body
            media_type = (headers["Content-Type"] or "").split(";")[0]
            with self.subTest(request=request, body=body):
                document.check(request, status, media_type, content)
            asked.add(request)
        address, token = token_of(a)
        fresh = Browser(address)
        for request, body in (("GET /v1/session", None), ("POST /v1/session", {"token": "odd"}),
                              ("POST /v1/session", {"token": token})):
            reply = fresh.ask(*request.split(" "), body)
            document.check(request, reply.status, (reply.headers["Content-Type"] or "").split(";")[0],
                           reply.body)
            asked.add(request)
        for request in ("GET /v1/session", "DELETE /v1/session"):
            reply = page.ask(*request.split(" "))
            document.check(request, reply.status, (reply.headers["Content-Type"] or "").split(";")[0],
                           reply.body)
            asked.add(request)
        self.assertEqual(document.requests(), asked)
        # What is not documented is not there.
        for method, where in (("GET", "/v1/nothing"), ("POST", "/v1/status"), ("DELETE", "/v1/peers")):
            self.assertIn(local.ask(method, where)[0], (404, 405))
