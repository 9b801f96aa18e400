"""Unison by hand over its own socket (without encryption), in batch mode."""

import os

from peers.base import Peer, excluded
from sides import check

PORT = 8740


class Unison(Peer):
    name = "Unison"
    programs = ("unison",)
    both_ways = True

    def environment(self, side):
        return {**os.environ, "UNISON": self.pair.state(f"unison-{side.name}"),
                "UNISONLOCALHOSTNAME": side.name, "HOME": self.pair.state(f"home-{side.name}")}

    def prepare(self, files):
        self.start()
        self.look()
        self.stop()

    def start(self):
        self.daemon(self.b, "unison", "-socket", str(PORT), listens=PORT,
                    env=self.environment(self.b))

    def look(self):
        done = self.a.group.run(
            [*self.a.prefix, "unison", self.pair.root_a,
             f"socket://{self.b.host}:{PORT}/{self.pair.root_b}", "-ui", "text", "-batch",
             "-auto", "-times", "-silent", "-confirmbigdel=false",
             *excluded("-ignore=Name {}")], env=self.environment(self.a))
        check(done, "unison")
