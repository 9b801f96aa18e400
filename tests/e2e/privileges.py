"""Mounts and networks for tests, also of an ordinary user: what the system lets him make.

After `enter()` this process and its children have mounts of their own, which nobody else sees and
which are gone when they end. Who is not root becomes it – in a user namespace, where that says
nothing about the machine. Some containers allow neither.
"""

import ctypes
import functools
import os
import subprocess

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000

_libc = ctypes.CDLL(None, use_errno=True)

# Where ip, tc and mkfs.ext4 are; an ordinary user's shell does not look there.
os.environ["PATH"] += ":/usr/sbin:/sbin"


class Refused(Exception):
    """The system does not let this user do it, or a command is missing."""


def run(*command):
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise Refused(f"{os.fsdecode(command[0])}: {error.strerror}") from error
    if done.returncode != 0:
        words = " ".join(map(os.fsdecode, command))
        raise Refused(f"{words}: {os.fsdecode(done.stderr).strip()}")
    return done.stdout.decode()


def _unshare(flags):
    if _libc.unshare(ctypes.c_int(flags)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), "unshare")


def _become_root():
    user, group = os.getuid(), os.getgid()
    _unshare(CLONE_NEWUSER | CLONE_NEWNS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                       ("gid_map", f"0 {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


@functools.lru_cache(maxsize=None)
def enter():
    """Returns why that cannot be, or None. Call it before there are threads."""
    try:
        try:
            _unshare(CLONE_NEWNS)
        except PermissionError:
            _become_root()
        run("mount", "--make-rprivate", "/")
    except (OSError, Refused) as error:
        return f"no namespaces: {error}"
    return None
