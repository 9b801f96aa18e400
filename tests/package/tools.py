"""Where things are, and running programs. Environment: see CMakeLists.txt."""

import json
import os
import pathlib
import subprocess

PROGRAM = os.environ.get("ATOZSYNC_BIN", "atozsync")
SOURCE = pathlib.Path(os.environ.get("ATOZSYNC_SOURCE", pathlib.Path(__file__).parents[2]))
BUILD = pathlib.Path(os.environ.get("ATOZSYNC_BUILD", SOURCE / "build/dev"))
MANUAL = pathlib.Path(os.environ.get("ATOZSYNC_MANUAL", BUILD / "packaging/manual"))
UNIT = SOURCE / "packaging/systemd/atozsync.service"


def run(*command, rc=0, **more):
    """stdout of a program that has to end with `rc` (None: with any)."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=False, **more)
    if rc is not None and done.returncode != rc:
        raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout}\n"
                             f"{done.stderr}")
    return done.stdout


def command_tree():
    return json.loads(run(PROGRAM, "command-tree"))


def commands(tree=None, path=()):
    """(path, command) for each command of the program, and for the program itself."""
    tree = tree or command_tree()
    yield path, tree
    for command in tree["commands"]:
        yield from commands(command, path + (command["name"],))
