"""A browser's side of the dashboard, as bytes on a socket: with it a test says exactly what it sends."""

import http.client
import json
import re

__all__ = ["Browser", "Reply", "token_of"]


def token_of(replica):
    """A new token and the address that goes with it."""
    line = replica.ok("ui", "--print").out.strip()
    match = re.fullmatch(r"http://([^/]+)/#token=([0-9a-f]{64})", line)
    assert match, line
    return match.group(1), match.group(2)


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:2000]!r}"


class Browser:
    """One page with its session. `headers` of a request replace those it would send; None: not at
    all."""

    def __init__(self, address):
        self.address = address
        self.cookie = None
        self.csrf = None

    def ask(self, method, path, body=None, headers=None, timeout_s=30):
        host, port = self.address.rsplit(":", 1)
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Host": self.address, "Connection": "close", "Accept-Encoding": "gzip"}
        if data is not None:
            sent["Content-Type"] = "application/json"
            sent["Content-Length"] = str(len(data))
        elif method != "GET":
            sent["Content-Length"] = "0"
        if method != "GET":
            sent["Origin"] = f"http://{self.address}"
        if self.cookie:
            sent["Cookie"] = f"atozsync_session={self.cookie}"
        if self.csrf and method != "GET":
            sent["X-Atozsync-Csrf"] = self.csrf
        sent.update(headers or {})
        connection = http.client.HTTPConnection(host, int(port), timeout=timeout_s)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                if value is not None:
                    connection.putheader(name, value)
            connection.endheaders(data)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def open(self, token):
        """Opens a session; the reply of that."""
        reply = self.ask("POST", "/v1/session", {"token": token})
        if reply.status == 204:
            cookie = reply.headers["Set-Cookie"]
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie, cookie
            self.cookie = re.match(r"atozsync_session=([0-9a-f]{64});", cookie).group(1)
            self.csrf = self.ask("GET", "/v1/session").json()["csrf"]
        return reply

    @classmethod
    def of(cls, replica):
        address, token = token_of(replica)
        browser = cls(address)
        reply = browser.open(token)
        assert reply.status == 204, reply
        return browser

    def get(self, path, status=200):
        reply = self.ask("GET", path)
        assert reply.status == status, (path, reply)
        return reply

    def post(self, path, body=None, status=200):
        reply = self.ask("POST", path, {} if body is None else body)
        assert reply.status == status, (path, reply)
        return reply

    def events(self):
        """Yields (event, data) of GET /v1/events."""
        host, port = self.address.rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        try:
            connection.request("GET", "/v1/events",
                               headers={"Cookie": f"atozsync_session={self.cookie}"})
            response = connection.getresponse()
            assert response.status == 200, Reply(response)
            assert response.headers["Content-Type"] == "text/event-stream", response.headers
            event = None
            for line in response:
                line = line.decode().rstrip("\n")
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    yield event, json.loads(line[6:])
        finally:
            connection.close()
