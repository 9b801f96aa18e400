"""What keeps the folders of a practice's sites the same: the agent, with and without its database,
or rsync on a schedule."""

import os
import re
import subprocess
import threading
import time

from folder import tree
from mariadb import READER_PASSWORD
from replica import Replica

# Nobody would copy caches and owner files on purpose.
LEFT_OUT = ["Thumbnails", "Thumbs.db", "~$*", "*.tmp"]


def with_database(replica, server, **more):
    """Writes the section [database] into a replica's configuration."""
    password_file = os.path.join(os.fsdecode(replica.home), "db-password")
    with open(password_file, "w", opener=lambda p, f: os.open(p, f, 0o600),
              encoding="utf-8") as file:
        file.write(READER_PASSWORD + "\n")
    lines = ["[database]", f'url = "{server.url()}"', f'password_file = "{password_file}"']
    lines += [f'{key} = "{value}"' for key, value in more.items()]
    text = re.sub(r"(?ms)^\[database\]\n.*?(?=^\[|\Z)", "", replica.config_text())
    with open(replica.config_file, "w", encoding="utf-8") as file:
        file.write(text.rstrip() + "\n\n" + "\n".join(lines) + "\n")


class Agents:
    """One agent per site."""

    def __init__(self, home, sites, database, settle="1s", **options):
        self.replicas = []
        for site in sites:
            replica = Replica(os.path.join(os.fsencode(home), site.name.encode()), site.name,
                              os.fsencode(site.root))
            replica.init()
            replica.edit_config(r'settle = "100ms"', f'settle = "{settle}"')
            if database:
                with_database(replica, site.server, **options)
            self.replicas.append(replica)

    def start(self):
        for replica in self.replicas:
            replica.start()
        for replica in self.replicas[1:]:
            replica.join(self.replicas[0])
        self.settle()

    def settle(self, timeout_s=300, still_s=20):
        """Until the agents say that nothing is left and the folders are equal; where something is
        held, until the folders have stood still for a while (then False)."""
        end = time.monotonic() + timeout_s
        before, still_since = None, time.monotonic()
        while time.monotonic() < end:
            in_sync = all(replica.cmd("wait", "--timeout", "2").rc == 0
                          for replica in self.replicas)
            now = [tree(replica.root) for replica in self.replicas]
            if in_sync and all(one == now[0] for one in now):
                return True
            if now != before:
                before, still_since = now, time.monotonic()
            elif time.monotonic() - still_since > still_s:
                return False
        return False

    def end(self):
        for replica in self.replicas:
            replica.end()


class Rsync(threading.Thread):
    """`rsync -a --update` from each folder to each other, every `every_s` seconds.

    --update, because without it the older letter would be put over the newer one. Without
    --delete, as it is done in practice: with it, what was made at a site since the last round is
    deleted by the round that comes from another (delete=True shows that)."""

    def __init__(self, sites, delete=False, every_s=10):
        super().__init__(daemon=True)
        self._roots = [site.root for site in sites]
        self._every_s = every_s
        self._over = threading.Event()
        self._command = ["rsync", "-a", "--update", *(["--delete"] if delete else []),
                         *[f"--exclude={name}" for name in LEFT_OUT]]

    def run(self):
        while not self._over.wait(self._every_s):
            self._round()

    def _round(self):
        for source in self._roots:
            for target in self._roots:
                if source != target:
                    done = subprocess.run([*self._command, source + "/", target + "/"],
                                          capture_output=True, check=False)
                    if done.returncode not in (0, 23, 24):  # 23, 24: files went while it looked
                        raise AssertionError(done.stderr)

    def settle(self):
        self.end()
        self._round()
        self._round()
        return True

    def end(self):
        self._over.set()
        if self.is_alive():
            self.join()


class Nothing:
    """No tool at all: what the program does by itself."""

    def start(self):
        pass

    def settle(self):
        return True

    def end(self):
        pass
