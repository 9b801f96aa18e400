"""Installs the peers from the system's packages; starts and enables none of them."""

import os
import subprocess
import sys

import peers as candidates

PACKAGES = ("rsync", "stunnel4", "openssl", "unison", "syncthing", "lsyncd", "iproute2",
            "diffutils")


def peers():
    """Returns the exit status."""
    sudo = [] if os.getuid() == 0 else ["sudo"]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    for command in (["apt-get", "update"],
                    ["apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run([*sudo, *environment, *command], check=False)
        if done.returncode != 0:
            return 1
    for kind in candidates.ALL:
        missing = kind.missing()
        print(f"{kind.name:22} {'missing: ' + ', '.join(missing) if missing else 'installed'}")
        if missing:
            print("bench/run: cases leave it out", file=sys.stderr)
    return 0
