"""The package: as Debian wants it, and its life on a clean Debian 12. Needs root and apt's mirror."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest

from machine import Machine
from tools import BUILD, run

RELEASE = "bookworm"
MAIN = "/var/lib/atozsync"
NORTH = "/var/lib/atozsync-north"
CAPABILITIES = "CAP_DAC_OVERRIDE CAP_FOWNER CAP_LEASE"


def build_package():
    """The package of this build's program, made anew."""
    run("cmake", "--build", BUILD, "--target", "atozsync", "atoz_package_files")
    shutil.rmtree(BUILD / "package", ignore_errors=True)
    run("sh", "-c", 'umask 022 && cpack --config "$1"', "sh", BUILD / "CPackConfig.cmake")
    packages = list((BUILD / "package").glob("*.deb"))
    if len(packages) != 1:
        raise AssertionError(packages)
    return packages[0]


def with_version(package, version, place):
    """The same package under a higher version, and with a program of other bytes."""
    tree = place / "tree"
    run("dpkg-deb", "-R", package, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(),
                              flags=re.MULTILINE))
    with open(tree / "usr/bin/atozsync", "ab") as program:
        program.write(b"newer")
    made = place / f"atozsync_{version}.deb"
    run("dpkg-deb", "--root-owner-group", "-b", tree, made)
    return made


class LintianTest(unittest.TestCase):

    def test_lintian_finds_nothing_above_info(self):
        package = build_package()
        said = run("lintian", "--allow-root", "--display-level", ">=warning", "--fail-on", "none",
                   package)
        found = [line for line in said.splitlines() if line.strip()]
        self.assertEqual([], found)

    def test_dependencies_are_those_of_the_program(self):
        fields = run("dpkg-deb", "-f", build_package(), "Depends")
        for library in ("libc6 (>= ", "libuv1 (>= ", "libsqlite3-0 (>= ", "libssl3 (>= ",
                        "libmariadb3 (>= ", "adduser"):
            self.assertIn(library, fields)


class CleanDebianTest(unittest.TestCase):
    """One story: installed, run, upgraded, removed, purged."""

    def setUp(self):
        temp = tempfile.TemporaryDirectory(prefix="atoz-debian-")
        self.addCleanup(temp.cleanup)
        self.place = pathlib.Path(temp.name)
        self.machine = Machine(self.place / "system")
        self.addCleanup(self.machine.close)
        self.machine.boot(BUILD / f"{RELEASE}.tar", RELEASE)
        self.run = self.machine.run

    def test_its_life(self):
        package = build_package()
        self.machine.take(package, "/atozsync.deb")
        self.machine.take(with_version(package, "99.0-1", self.place), "/newer.deb")
        self.installed()
        self.runs()
        self.upgraded()
        self.removed()
        self.purged()

    def mode(self, path):
        return self.run("stat", "-c", "%a %U:%G", path).strip()

    def installed(self):
        self.run("apt-get", "install", "-q", "-y", "--no-install-recommends", "/atozsync.deb")
        self.assertEqual("755 root:root", self.mode("/usr/bin/atozsync"))
        self.assertEqual("700 atozsync:atozsync", self.mode("/var/lib/atozsync"))
        self.assertEqual("750 root:atozsync", self.mode("/etc/atozsync"))
        user = self.run("getent", "passwd", "atozsync").strip().split(":")
        self.assertEqual(["/var/lib/atozsync", "/usr/sbin/nologin"], user[5:])
        self.assertIn(self.run("getent", "shadow", "atozsync").split(":")[1][0], "!*")
        for file in ("/lib/systemd/system/atozsync.service", "/usr/lib/sysctl.d/60-atozsync.conf",
                     "/usr/share/doc/atozsync/copyright",
                     "/usr/share/atozsync/opendental-grants.sql",
                     "/usr/share/bash-completion/completions/atozsync",
                     "/usr/share/zsh/vendor-completions/_atozsync",
                     "/usr/share/fish/vendor_completions.d/atozsync.fish"):
            self.assertEqual("644 root:root", self.mode(file), file)
        self.assertNotIn("not found", self.run("ldd", "/usr/bin/atozsync"))

    def runs(self):
        """Two replicas, each with a folder that belongs to the practice's users."""
        self.run("groupadd", "dental")
        self.run("useradd", "-g", "dental", "dentist")
        for name in ("main", "north"):
            self.run("install", "-d", "-m", "2770", "-o", "dentist", "-g", "dental",
                     f"/srv/{name}")
        self.as_dentist("umask 077; mkdir -p /srv/main/S/Smith; echo one >/srv/main/S/Smith/a.txt")
        self.run("install", "-d", "-m", "0700", "-o", "atozsync", "-g", "atozsync", NORTH)
        for port, (state, root) in enumerate(((MAIN, "/srv/main"), (NORTH, "/srv/north")), 22067):
            self.run("atozsync", "--state", state, "init", "--root", root,
                     "--listen", f"127.0.0.1:{port}", "--name", root[5:])
            self.assertRegex(self.mode(state + "/identity.key"), "^600 atozsync:")
            self.assertTrue(self.mode(root + "/.atozsync").endswith(" atozsync:dental"),
                            self.mode(root + "/.atozsync"))
        self.run("atozsync", "service", "install")
        self.run("atozsync", "service", "start")
        self.assertEqual("", self.problems())
        self.assertIn("first scan done", self.run("journalctl", "-u", "atozsync", "--no-pager"))
        self.run("test", "!", "-e", MAIN + "/log")
        # The other one as the unit would run it, but without its sandbox.
        self.run("systemd-run", "--unit=north", "-p", "Type=notify", "-p", "User=atozsync", "-p",
                 "Group=dental", "-p", "UMask=0007", "-p", f"AmbientCapabilities={CAPABILITIES}",
                 "atozsync", "--state", NORTH, "run")
        token = self.run("atozsync", "invite").strip()
        self.run("atozsync", "--state", NORTH, "join", token)
        self.even()
        self.assertEqual("one\n", self.run("cat", "/srv/north/S/Smith/a.txt"))
        self.assertEqual("660 atozsync:dental", self.mode("/srv/north/S/Smith/a.txt"),
                         "those who work in the folder can go on with it")
        # Another user's file, in another user's directory, of which others may nothing: replaced,
        # and its time set.
        self.as_dentist("echo two >>/srv/north/S/Smith/a.txt")
        self.even()
        self.assertEqual("one\ntwo\n", self.run("cat", "/srv/main/S/Smith/a.txt"))
        self.as_dentist("umask 077; echo mine >/srv/north/S/Smith/b.txt")
        self.even()
        self.run("touch", "-d", "2020-02-02T00:00:00Z", "/srv/main/S/Smith/b.txt")
        self.even()
        self.assertEqual("1580601600",
                         self.run("stat", "-c", "%Y", "/srv/north/S/Smith/b.txt").strip())
        self.assertEqual("[]", self.run("atozsync", "conflicts", "list", "--json").strip())

    def as_dentist(self, script):
        self.run("setpriv", "--reuid", "dentist", "--regid", "dental", "--clear-groups",
                 "sh", "-ec", script)

    def even(self):
        for state in (MAIN, NORTH):
            self.run("atozsync", "--state", state, "wait", "--timeout", "60")

    def problems(self):
        """What `doctor` has against the service."""
        checks = json.loads(self.run("atozsync", "doctor", "--json", rc=None))["checks"]
        service = [check for check in checks if check["check"].startswith("service")]
        self.assertEqual(2, len(service), checks)
        return "".join(check["text"] for check in service if check["result"] != "ok")

    def pid(self):
        return json.loads(self.run("atozsync", "service", "status", "--json"))["pid"]

    def upgraded(self):
        before = self.run("atozsync", "id")
        pid = self.pid()
        self.run("dpkg", "-i", "/newer.deb")
        self.assertNotEqual(pid, self.pid(), "the service runs the new program")
        self.assertEqual("", self.problems())
        self.assertEqual(before, self.run("atozsync", "id"))
        self.assertIn("99.0-1", self.run("dpkg-query", "-W", "atozsync"))
        self.as_dentist("echo three >/srv/main/S/Smith/c.txt")
        self.even()
        self.assertEqual("three\n", self.run("cat", "/srv/north/S/Smith/c.txt"))

    def removed(self):
        self.run("sh", "-c", "echo secret >/etc/atozsync/db-password")
        self.run("systemctl", "stop", "north")
        self.run("apt-get", "remove", "-q", "-y", "atozsync")
        self.run("test", "!", "-e", "/usr/bin/atozsync")
        self.assertNotEqual("active", self.run("systemctl", "is-active", "atozsync", rc=None).strip())
        self.run("test", "-e", "/var/lib/atozsync/identity.key")
        self.run("test", "-e", "/etc/atozsync/db-password")

    def purged(self):
        folder = self.run("sh", "-c", "cd /srv/main && find . | sort")
        self.assertIn("./.atozsync/root-id", folder)
        self.run("apt-get", "purge", "-q", "-y", "atozsync")
        for gone in ("/var/lib/atozsync", "/etc/atozsync",
                     "/etc/systemd/system/atozsync.service.d"):
            self.run("test", "!", "-e", gone)
        self.assertEqual(folder, self.run("sh", "-c", "cd /srv/main && find . | sort"))
        self.assertIn("atozsync", self.run("getent", "passwd", "atozsync"))
        self.run("test", "-e", NORTH + "/identity.key")
