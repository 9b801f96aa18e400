"""A clean Debian that has booted: made by debootstrap from the mirror that apt uses here, run by
systemd-nspawn. What stands in the way of it is an error that says so: who asks for this test wants
to know.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import time

from tools import run

INCLUDED = "adduser,ca-certificates,dbus,init-system-helpers,systemd,systemd-sysv"
DEADLINE_S = 180


def mirror(release):
    """Where this machine gets `release` from."""
    lines = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
                "Created-By: Packages").splitlines()
    for line in lines:
        codename, component, uri = line.split(" ", 2)
        if (codename, component) == (release, "main"):
            return uri.strip()
    raise AssertionError(f"apt knows no mirror of {release} on this machine: this test needs one")


def make_tree(kept, root, release):
    """`kept`: an archive of a fresh system, for the next time."""
    root.mkdir()
    if not kept.exists():
        run("debootstrap", "--variant=minbase", f"--include={INCLUDED}", release, root,
            mirror(release))
        run("tar", "-C", root, "--one-file-system", "-cf", f"{kept}.new", ".")
        pathlib.Path(f"{kept}.new").rename(kept)
    else:
        run("tar", "-C", root, "-xf", kept)


class Machine:
    """Call boot() once, and close() in any case."""

    def __init__(self, root):
        self.root = root
        self.container = None
        self.first = None  # process 1

    def boot(self, kept, release):
        for needed in ("debootstrap", "systemd-nspawn"):
            if os.geteuid() != 0 or shutil.which(needed) is None:
                raise AssertionError(f"this test needs root and {needed}")
        make_tree(kept, self.root, release)
        (self.root / "etc/resolv.conf").unlink(missing_ok=True)
        (self.root / "etc/resolv.conf").write_text(pathlib.Path("/etc/resolv.conf").read_text())
        run("chroot", self.root, "apt-get", "update", "-q")
        self.container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "-D",
             self.root, "--boot"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.until(self.find_first, "no process 1 in the container")
        self.until(lambda: self.run("systemctl", "is-system-running", rc=None).strip() in
                   ("running", "degraded"), "systemd does not boot in a container here")

    def find_first(self):
        pid = self.container.pid
        if self.container.poll() is not None:
            raise AssertionError("systemd-nspawn cannot run a container here")
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.first = int(children[0]) if children else None
        return self.first

    def until(self, condition, otherwise):
        end = time.monotonic() + DEADLINE_S
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(otherwise)
            time.sleep(0.2)

    def close(self):
        """The container's process 1 takes all others with it; nspawn ends by itself."""
        if self.first is not None and self.container.poll() is None:
            os.kill(self.first, signal.SIGKILL)
        if self.container is not None:
            self.container.wait(DEADLINE_S)

    def run(self, *command, rc=0):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive"}
        return run("nsenter", "-t", self.first, "-m", "-p", "-u", "-i", "-n", *command, rc=rc,
                   env=environment)

    def take(self, file, name):
        (self.root / name[1:]).write_bytes(file.read_bytes())
