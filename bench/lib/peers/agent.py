"""The agent as users have it: TLS, durable, every setting as `init` writes it – but for the brake:
the cases change files by the thousand."""

import concurrent.futures
import os

import unix_http
from peers.base import Peer, until
from replica import Replica


class CountedReplica(Replica):
    """The agent itself is counted on its side; commands are not."""

    def __init__(self, home, name, root, side):
        super().__init__(os.fsencode(home), name, os.fsencode(root), side.host, side.uncounted)
        self._side = side

    def init(self, *more):
        super().init(*more)
        self.edit_config(r'settle = "100ms"', 'settle = "1s"')  # as users have it
        return self

    def start(self):
        commands, self._prefix = self._prefix, self._side.prefix
        try:
            return super().start()
        finally:
            self._prefix = commands

    def ask(self, path):
        """An answer of the control socket, without a process for each question."""
        return unix_http.ask(os.path.join(os.fsdecode(self.state), "control.sock"), path)

    def has(self, files):
        status = self.ask("/v1/status")
        return status and status["in_sync"] and status["files"] >= files

    def idle(self):
        return self.ask("/v1/status").get("state") == "idle"


class Agent(Peer):
    name = "atozsync"
    watches = both_ways = True

    def __init__(self, pair):
        super().__init__(pair)
        self.replicas = [
            CountedReplica(pair.state("agent-a"), "a", pair.root_a, self.a),
            CountedReplica(pair.state("agent-b"), "b", pair.root_b, self.b)]

    @classmethod
    def missing(cls):
        return []

    def prepare(self, files):
        self.meet_apart()
        self.meet()
        self._until_there(files)
        self.stop()

    def meet_apart(self):
        """Both run, know all of their own folder, and do not know each other."""
        for replica in self.replicas:
            replica.init().start()
        for replica in self.replicas:
            until(replica.idle, f"{replica.name} has looked through its folder")

    def meet(self):
        self.replicas[1].join(self.replicas[0])

    def start(self):
        for replica in self.replicas:
            replica.start()

    def stand_by(self):
        pass

    def first(self, files):
        self.start()
        self._until_there(files)

    def _until_there(self, files):
        for replica in reversed(self.replicas):
            until(lambda r=replica: r.has(files), f"{files} files at {replica.name}", 0.01)

    def look(self):
        """Both look through their folders at once; a resync looks through its own one only."""
        with concurrent.futures.ThreadPoolExecutor() as both:
            list(both.map(lambda replica: replica.ok("resync", timeout_s=3600), self._running()))

    def agree(self):
        self.replicas[0].ok("resync", timeout_s=3600)

    def _running(self):
        return [replica for replica in self.replicas if replica.process]

    def settled(self):
        for replica in self.replicas:
            replica.wait(3600)

    def stop(self):
        for replica in self.replicas:
            if replica.process:
                replica.stop()

    def end(self):
        for replica in self.replicas:
            replica.end()
