"""Syncthing, with a delay of its watcher of one second, and with the default of ten.

No discovery, relays or upgrades. Only `a` knows an address: where both dial over a slow line, each
drops the connection of the other again and again. Questions go to its REST interface on a Unix
socket.
"""

import os
import subprocess
import threading

import unix_http
from peers.base import Peer, until

PORT = 22000
KEY = "bench"
CONFIG = """<configuration version="35">
<folder id="atoz" label="atoz" path="{root}" type="sendreceive" rescanIntervalS="3600"
 fsWatcherEnabled="true" fsWatcherDelayS="{delay}" ignorePerms="false" autoNormalize="true">
<device id="{a}"></device><device id="{b}"></device>
<minDiskFree unit="%">1</minDiskFree><markerName>.stfolder</markerName></folder>
<device id="{a}" name="a"><address>dynamic</address></device>
<device id="{b}" name="b"><address>tcp://{host_b}:{port}</address></device>
<gui enabled="true" tls="false"><address>{socket}</address><apikey>{key}</apikey></gui>
<options><listenAddress>tcp://{host}:{port}</listenAddress>
<globalAnnounceEnabled>false</globalAnnounceEnabled>
<localAnnounceEnabled>false</localAnnounceEnabled><relaysEnabled>false</relaysEnabled>
<natEnabled>false</natEnabled><startBrowser>false</startBrowser><urAccepted>-1</urAccepted>
<autoUpgradeIntervalH>0</autoUpgradeIntervalH><crashReportingEnabled>false</crashReportingEnabled>
<stunKeepaliveStartS>0</stunKeepaliveStartS><reconnectionIntervalS>1</reconnectionIntervalS>
</options></configuration>
"""


class Syncthing(Peer):
    name = "Syncthing, delay 1 s"
    programs = ("syncthing",)
    watches = both_ways = True
    delay_s = 1
    latency_files = 5

    def prepare(self, files):
        ids = {}
        for side in (self.a, self.b):
            home = self.pair.state(f"syncthing-{side.name}")
            subprocess.run(["syncthing", "generate", "--home", home, "--no-default-folder",
                            "--skip-port-probing"], check=True, capture_output=True)
            found = subprocess.run(["syncthing", "--device-id", "--home", home], check=True,
                                   capture_output=True)
            ids[side.name] = found.stdout.decode().strip()
        for side, root in ((self.a, self.pair.root_a), (self.b, self.pair.root_b)):
            os.makedirs(os.path.join(root, ".stfolder"), exist_ok=True)
            with open(os.path.join(root, ".stignore"), "w", encoding="ascii") as file:
                file.write("/.atozsync\n")
            self.write(f"syncthing-{side.name}/config.xml", CONFIG.format(
                root=root, delay=self.delay_s, host=side.host,
                host_b=self.b.host, port=PORT, key=KEY, socket=self._socket(side), **ids))
        if files:
            self.first(files)
            self.stop()

    def _socket(self, side):
        return os.path.join(self.pair.state(f"syncthing-{side.name}"), "gui.sock")

    def ask(self, side, path, method="GET"):
        return unix_http.ask(self._socket(side), path, method, {"X-API-Key": KEY})

    def start(self):
        self._begin()
        for side in (self.a, self.b):
            until(lambda s=side: self._rests(s), f"Syncthing rests at {side.name}", 0.05)
        self.settled()

    def _begin(self):
        for side in (self.b, self.a):  # who dials comes last
            home = self.pair.state(f"syncthing-{side.name}")
            if os.path.exists(self._socket(side)):
                os.unlink(self._socket(side))
            self.daemon(side, "syncthing", "serve", "--home", home, "--no-browser",
                        "--no-restart", env={**os.environ, "HOME": home, "STNOUPGRADE": "1"})

    def _rests(self, side, files=0):
        self.alive()
        status = self.ask(side, "/rest/db/status?folder=atoz")
        return (status.get("state") == "idle" and status["needTotalItems"] == 0 and
                status["localFiles"] == status["globalFiles"] >= files)

    def stand_by(self):
        pass

    def first(self, files):
        self._begin()
        for side in (self.b, self.a):
            until(lambda s=side: self._rests(s, files), f"{files} files at {side.name}", 0.05)

    def look(self):
        """Both look through their folders at once."""
        threads = [threading.Thread(target=self.ask, daemon=True,
                                    args=(side, "/rest/db/scan?folder=atoz", "POST"))
                   for side in (self.a, self.b)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def settled(self):
        for _ in range(2):
            for side in (self.a, self.b):
                until(lambda s=side: self._rests(s) and self._complete(s),
                      f"Syncthing is done at {side.name}", 0.05)

    def _complete(self, side):
        connections = self.ask(side, "/rest/system/connections").get("connections", {})
        if not any(connection["connected"] for connection in connections.values()):
            return False
        return self.ask(side, "/rest/db/completion?folder=atoz").get("completion") == 100


class SyncthingDefault(Syncthing):
    name = "Syncthing, default"
    delay_s = 10
    latency_files = 1
