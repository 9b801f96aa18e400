"""What the storm is made with: each part has to notice what it is there for."""

import errno
import os
import subprocess
import tempfile
import threading
import unittest

import privileges
from aftermath import Aftermath
from cluster import ClusterTest
from folder import write
from ledger import Ledger, sha
from machines import Machines, say_plainer
from network import Network
from privileges import Refused
from readers import VISITED, VisitedReader, WholeReader
from volume import MemoryVolume, PlainVolume, Volume


class LedgerTest(unittest.TestCase):

    def test_what_is_owed_and_not_released_is_lost(self):
        ledger = Ledger()
        ledger.owe(b"1", "a wrote it")
        ledger.owe(b"2", "b wrote it")
        ledger.owe(b"3", "c wrote it")
        ledger.release(b"2", "b deleted it")
        self.assertEqual({sha(b"1"): "a wrote it"}, ledger.lost({sha(b"3")}))

    def test_half_written_only_while_it_is_written(self):
        ledger = Ledger()
        with tempfile.TemporaryFile() as file:
            stat = os.fstat(file.fileno())
            self.assertFalse(ledger.allows(stat, sha(b"half"), 0))
            with ledger.writing(file.fileno()):
                self.assertTrue(ledger.is_written(stat))
                self.assertTrue(ledger.allows(stat, sha(b"half"), float("inf")))
            self.assertFalse(ledger.is_written(stat))
            self.assertTrue(ledger.allows(stat, sha(b"half"), 0), "the read began before the end")
            self.assertFalse(ledger.allows(stat, sha(b"half"), float("inf")))
        ledger.allow(b"whole")
        self.assertTrue(ledger.allows(stat, sha(b"whole"), float("inf")))


class StubReplica:
    name = "a"


class StubDesk:
    """A folder without an agent."""

    def __init__(self, root):
        self.root = root
        self.replica = StubReplica()
        self.lock = threading.RLock()


class ReaderTest(unittest.TestCase):

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = os.fsencode(directory.name)
        self.ledger = Ledger()
        self.ledger.allow(b"whole")

    def wrong(self, reader):
        made = reader(StubDesk(self.root), self.ledger, threading.Event())
        made.look()
        return made.wrong

    def test_what_nobody_wrote(self):
        write(self.root, b"P/file", b"whole")
        self.assertEqual([], self.wrong(WholeReader))
        write(self.root, b"P/file", b"who", replace=True)
        self.assertEqual(["a: b'P/file': 3 bytes nobody wrote"], self.wrong(WholeReader))

    def test_the_visited_file(self):
        self.assertEqual(1, len(self.wrong(VisitedReader)), "it is missing")
        write(self.root, VISITED, b"whole")
        self.assertEqual([], self.wrong(VisitedReader))
        write(self.root, VISITED, b"who")
        self.assertEqual(1, len(self.wrong(VisitedReader)))


class AftermathTest(ClusterTest):

    def setUp(self):
        super().setUp()
        self.made = self.cluster(2)
        self.ledger = Ledger()

    def wrong(self):
        return Aftermath(self, self.made, self.ledger).check(60)

    def test_all_is_well(self):
        for content in (b"first", b"second"):
            self.ledger.owe(content, "a wrote it")
            write(self.made[0].root, b"P/file", content, replace=True)
            self.wait_equal(*self.made)
        self.assertEqual([], self.wrong(), "the first is in the kept versions")

    def test_a_content_that_is_nowhere(self):
        self.ledger.owe(b"first", "a wrote it")
        self.assertRegex("\n".join(self.wrong()), "^lost: .* a wrote it$")

    def test_a_content_that_nobody_wrote(self):
        write(self.made[0].root, b"P/file", b"first")
        self.assertRegex("\n".join(self.wrong()), "^b'P/file': nobody wrote this")

    def test_replicas_that_differ(self):
        # An agent of other folders: these two never hear of each other.
        with self.assertRaisesRegex(AssertionError, "P/file"):
            alone = self.replica("z").init().start()
            write(alone.root, b"P/file", b"first")
            Aftermath(self, [self.made[0], alone], self.ledger).check(60)


ECHO = """
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("0.0.0.0", 9))
while True:
    s.sendto(*s.recvfrom(99))
"""

# Says which of its letters came back: one after the other, each waited for.
ASK = """
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(0.3)
for _ in range(5):
    s.sendto(b"x", (sys.argv[1], 9))
    try:
        s.recv(99); print("yes"); break
    except TimeoutError:
        pass
"""

ACCEPT = """
import socket
s = socket.create_server(("0.0.0.0", 10)); print("listens", flush=True)
c, _ = s.accept(); print("accepted", flush=True)
try:
    c.recv(1)
except ConnectionResetError:
    print("reset", flush=True)
"""

CONNECT = """
import socket, sys
socket.create_connection((sys.argv[1], 10)).recv(1)
"""


def made_or_said(make, *args):
    """What `make` makes. None where the system refuses, which is said aloud."""
    try:
        refused = privileges.enter()
        if refused is None:
            return make(*args)
    except Refused as problem:
        refused = problem
    say_plainer([f"tests without {make.__name__}: {refused}"])
    return None


class NetworkTest(unittest.TestCase):

    def setUp(self):
        self.network = made_or_said(Network, "ab")
        if self.network is None:
            return
        self.addCleanup(self.network.close)
        for name in "ab":
            echo = subprocess.Popen([*self.network.prefix(name), "python3", "-c", ECHO])
            self.addCleanup(echo.wait)
            self.addCleanup(echo.kill)

    def answers(self, source, target):
        asked = subprocess.run([*self.network.prefix(source), "python3", "-c", ASK,
                                self.network.host(target)], capture_output=True, check=True)
        return asked.stdout == b"yes\n"

    def test_links_fail_and_heal(self):
        if self.network is None:
            return
        self.assertTrue(self.answers("a", "b"))
        for fail, heal in ((lambda: self.network.cut("a"), lambda: self.network.mend("a")),
                           (lambda: self.network.deafen("a", "b"),
                            lambda: self.network.undeafen("a", "b"))):
            fail()
            self.assertFalse(self.answers("a", "b"))
            heal()
            self.assertTrue(self.answers("a", "b"))
        if "throttle" in self.network.kinds:
            self.network.throttle("a", "2mbit")
            self.assertTrue(self.answers("b", "a"))

    def test_connections_are_reset(self):
        if self.network is None or "reset" not in self.network.kinds:
            return
        listen = subprocess.Popen([*self.network.prefix("b"), "python3", "-c", ACCEPT],
                                  stdout=subprocess.PIPE)
        self.addCleanup(listen.wait)
        self.addCleanup(listen.kill)
        self.addCleanup(listen.stdout.close)
        self.assertEqual(b"listens\n", listen.stdout.readline())
        connect = subprocess.Popen([*self.network.prefix("a"), "python3", "-c", CONNECT,
                                    self.network.host("b")], stderr=subprocess.DEVNULL)
        self.addCleanup(connect.wait)
        self.addCleanup(connect.kill)
        self.assertEqual(b"accepted\n", listen.stdout.readline())
        self.network.reset("a")
        self.assertEqual(b"reset\n", listen.stdout.readline())


class VolumeTest(unittest.TestCase):

    def test_on_disk(self):
        self.try_all(Volume)

    def test_in_memory(self):
        self.try_all(MemoryVolume)

    def try_all(self, kind):
        with tempfile.TemporaryDirectory() as directory:
            home = os.fsencode(directory)
            volume = made_or_said(kind, os.path.join(home, b"image"),
                                  os.path.join(home, b"volume"), 32 << 20)
            if volume is None:
                return
            try:
                self.full(volume)
                self.away(volume)
            finally:
                volume.close()

    def full(self, volume):
        volume.fill(0)
        with self.assertRaises(OSError) as raised, open(volume.where + b"/f", "wb") as file:
            file.write(bytes(1 << 20))
        self.assertEqual(errno.ENOSPC, raised.exception.errno)
        volume.empty()
        write(volume.where, b"f", bytes(1 << 20))

    def away(self, volume):
        with open(volume.where + b"/held", "wb") as held:
            volume.unmount()
            self.assertEqual([], os.listdir(volume.where))
            held.write(b"written meanwhile")
        volume.mount()
        with open(volume.where + b"/held", "rb") as file:
            self.assertEqual(b"written meanwhile", file.read())


class MachinesTest(unittest.TestCase):

    def test_the_plainest_form_says_so(self):
        with tempfile.TemporaryDirectory() as directory:
            made = Machines(os.fsencode(directory), plain=True)
            self.addCleanup(made.close)
            where = made.add_volume("a")
            self.assertEqual([], os.listdir(where))
            self.assertEqual(((), ()), (made.network.kinds, made.volumes["a"].kinds))
            self.assertEqual(1, len(made.plainer))

    def test_a_volume_that_is_refused_is_replaced_by_a_plainer_one(self):
        class Impossible:
            def __init__(self, *_):
                raise Refused("there is no disk")

        with tempfile.TemporaryDirectory() as directory:
            made = Machines(os.fsencode(directory), plain=True)
            self.addCleanup(made.close)
            made.volume_kinds = (Impossible, PlainVolume)
            made.add_volume("a")
            self.assertIsInstance(made.volumes["a"], PlainVolume)
            self.assertIn("PlainVolume instead of Impossible: there is no disk", made.plainer)


if __name__ == "__main__":
    unittest.main()
