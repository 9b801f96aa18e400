"""Replicas with a dashboard, and conflicts between them."""

from cluster import ClusterTest, poll
from folder import write
from ports import free_port

__all__ = ["DashboardCluster"]


class DashboardCluster(ClusterTest):

    def with_dashboard(self, name):
        made = self.replica(name)
        plain = made.init

        def init(*more):
            made.dashboard = f"127.0.0.1:{free_port()}"
            return plain("--dashboard", made.dashboard, *more)

        made.init = init
        return made

    def one(self, fill=None):
        return self.cluster(1, fill, self.with_dashboard)[0]

    def conflict(self, name=b"S/SmithJohn12/scan.jpg", at_a=b"\xff\xd8\xffat a",
                 at_b=b"\xff\xd8\xffat b, longer"):
        """Two replicas with one conflict; the first has a dashboard."""
        a, b = self.cluster(2, lambda root: write(root, name, b"before"), self.with_dashboard)
        return self.more_conflicts(a, b, {name: (at_a, at_b)})

    def more_conflicts(self, a, b, contents):
        for replica in (a, b):
            replica.stop()
        for name, (at_a, at_b) in contents.items():
            write(a.root, name, at_a)
            write(b.root, name, at_b)
        for replica in (a, b):
            replica.start()
            poll(lambda: replica.status()["state"] == "idle", "scanned")
            replica.stop()
        for replica in (a, b):
            replica.start()
        self.wait_equal(a, b)
        return a, b
