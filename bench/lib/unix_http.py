"""One question to a daemon over HTTP on a Unix socket, with a JSON answer."""

import http.client
import json
import socket

TIMEOUT_S = 3600  # a look through a large folder answers when it is done


class _Connection(http.client.HTTPConnection):

    def __init__(self, path):
        super().__init__("localhost", timeout=TIMEOUT_S)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask(path, what, method="GET", headers=None):
    """The answer, or {} where nobody answers (yet) or the answer is an error."""
    connection = _Connection(path)
    try:
        connection.request(method, what, headers=headers or {})
        answer = connection.getresponse()
        text = answer.read()
        return json.loads(text) if answer.status == 200 and text else {}
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        connection.close()
