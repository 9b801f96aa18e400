"""lsyncd without delay, with rsync and its daemon: one way."""

import os

from peers.base import excluded, until
from peers.rsync import PORT, Rsync

CONFIG = """settings {{ nodaemon = true, insist = false }}
sync {{ default.rsync, source = "{source}", target = "rsync://{host}:{port}/root/", delay = 0,
  exclude = {{ {left_out} }}, rsync = {{ archive = true }} }}
"""


class Lsyncd(Rsync):
    name = "lsyncd, no delay"
    programs = ("rsync", "lsyncd")
    watches = True

    def prepare(self, files):
        super().prepare(files)
        self.lua = self.write("lsyncd.lua", CONFIG.format(
            source=self.pair.root_a, host=self.b.host, port=PORT,
            left_out=", ".join(excluded('"{}"'))))

    def start(self):
        super().start()
        log = os.path.join(self.pair.home, "lsyncd.log")
        before = self._startups(log)
        self.daemon(self.a, "lsyncd", self.lua)
        until(lambda: self._startups(log) > before, "lsyncd has started")

    @staticmethod
    def _startups(log):
        if not os.path.exists(log):
            return 0
        with open(log, encoding="utf-8", errors="replace") as file:
            return sum("Startup of" in line and "finished" in line for line in file)
