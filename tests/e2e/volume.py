"""A small ext4 file system in a file: it can be full, and it can be unmounted. Needs root."""

import errno
import os
import subprocess


class VolumeError(Exception):
    """A command failed: usually for want of root."""


def run(*command):
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        raise VolumeError(f"{command[0]}: {done.stderr.decode().strip()}: this test mounts, run it "
                          "as root")
    return done.stdout.decode().strip()


class Volume:
    """Mounted at `where`; takes no more of the real disk than is written to it."""

    def __init__(self, image, where, size_bytes):
        self.where = where
        self.mounted = False
        with open(image, "wb") as file:
            file.truncate(size_bytes)
        run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", image)
        os.makedirs(where, exist_ok=True)
        # One device for the whole life: two of one image would not know of each other's blocks.
        self._device = run("losetup", "--find", "--show", image)
        self.mount()

    def mount(self):
        run("mount", self._device, self.where)
        self.mounted = True

    def unmount(self):
        """Also while files are open: those who have them keep them."""
        run("umount", "--lazy", self.where)
        self.mounted = False

    def fill(self, left_bytes):
        """Takes all space but so much."""
        descriptor = os.open(os.path.join(self.where, b"ballast"), os.O_WRONLY | os.O_CREAT)
        try:
            free = os.fstatvfs(descriptor)
            more = free.f_bavail * free.f_frsize - left_bytes
            if more > 0:
                os.posix_fallocate(descriptor, os.fstat(descriptor).st_size, more)
        except OSError as error:
            if error.errno != errno.ENOSPC:  # somebody else was writing: full it is
                raise
        finally:
            os.close(descriptor)

    def empty(self):
        os.unlink(os.path.join(self.where, b"ballast"))

    def close(self):
        if self.mounted:
            self.unmount()
        run("losetup", "--detach", self._device)
