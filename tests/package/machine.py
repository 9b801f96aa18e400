"""A clean Debian, made by debootstrap from the mirror that apt uses here, and used by chroot.

Nothing boots in it: agents run as the unit would run them – user, group, capabilities, umask – but
without its sandbox.
"""

import os
import pathlib
import subprocess
import time

from tools import run

CAPABILITIES = ("dac_override", "fowner", "lease")
INCLUDED = "adduser,ca-certificates,init-system-helpers"
DEADLINE_S = 120


def mirror(release):
    """Where this machine gets `release` from."""
    lines = run("apt-get", "indextargets", "--format", "$(CODENAME) $(COMPONENT) $(REPO_URI)",
                "Created-By: Packages").splitlines()
    for line in lines:
        codename, component, uri = line.split(" ", 2)
        if (codename, component) == (release, "main"):
            return uri.strip()
    raise AssertionError(f"apt knows no mirror of {release} on this machine: this test needs one")


class Machine:
    """`packages`: a file that keeps what debootstrap fetched, for the next time."""

    first_state = second_state = ""

    def __init__(self, packages, root, release):
        if os.geteuid() != 0:
            raise AssertionError("debootstrap and chroot need root: run this test with sudo")
        self.root = root
        self.agents = []
        uri = mirror(release)
        more = ["--variant=minbase", f"--include={INCLUDED}"]
        if not packages.exists():
            new = pathlib.Path(f"{packages}.new")
            run("debootstrap", *more, f"--make-tarball={new}", release, f"{root}.fetched", uri)
            new.rename(packages)
        run("debootstrap", *more, f"--unpack-tarball={packages}", release, root, uri)
        (root / "etc/apt/apt.conf.d/00test").write_text('APT::Sandbox::User "root";\n')
        (root / "etc/resolv.conf").write_text(pathlib.Path("/etc/resolv.conf").read_text())
        run("mount", "-t", "proc", "proc", root / "proc")
        self.run("apt-get", "update", "-q")

    def close(self):
        self.stop_agents()
        subprocess.run(["umount", self.root / "proc"], check=False)

    def run(self, *command, rc=0):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive"}
        return run("chroot", self.root, *command, rc=rc, env=environment)

    def take(self, file, name):
        (self.root / name[1:]).write_bytes(file.read_bytes())

    def start_agents(self):
        all_off = "-all," + ",".join("+" + name for name in CAPABILITIES)
        for state in (self.first_state, self.second_state):
            self.agents.append(subprocess.Popen(
                ["chroot", self.root, "setpriv", "--reuid", "atozsync", "--regid", "dental",
                 "--clear-groups", f"--inh-caps={all_off}", f"--ambient-caps={all_off}",
                 f"--bounding-set={all_off}", "--no-new-privs", "atozsync", "--state", state,
                 "run"], umask=0o007, stdin=subprocess.DEVNULL))
        end = time.monotonic() + DEADLINE_S
        for state in (self.first_state, self.second_state):
            while subprocess.run(["chroot", self.root, "atozsync", "--state", state, "status"],
                                 capture_output=True, check=False).returncode != 0:
                if time.monotonic() > end:
                    raise AssertionError(f"the agent of {state} does not answer")
                time.sleep(0.1)

    def stop_agents(self):
        for agent in self.agents:
            agent.terminate()
        codes = [agent.wait(DEADLINE_S) for agent in self.agents]
        self.agents = []
        if any(codes):
            raise AssertionError(f"the agents ended with {codes}")

    def before_upgrade(self):
        """An agent runs while its program is replaced."""

    def after_upgrade(self):
        self.stop_agents()
        self.start_agents()
