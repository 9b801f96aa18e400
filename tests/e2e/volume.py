"""Small file systems that can be full, and can be unmounted. They need privileges.enter().

As real as this user may have them: Volume, else MemoryVolume, else PlainVolume.
"""

import errno
import os

from privileges import Refused, run

KINDS = ("nearly_full", "full", "unmount")


class PlainVolume:
    """A directory: neither full nor away."""

    kinds = ()

    def __init__(self, _, where, __):
        os.makedirs(where, exist_ok=True)

    def close(self):
        pass


class Volume:
    """ext4 in the file `image`, mounted at `where`; takes no more of the real disk than is written
    to it."""

    kinds = KINDS

    def __init__(self, image, where, size_bytes):
        self.where = where
        self.mounted = False
        with open(image, "wb") as file:
            file.truncate(size_bytes)
        run("mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", image)
        os.makedirs(where, exist_ok=True)
        # One device for the whole life: two of one image would not know of each other's blocks.
        self._device = run("losetup", "--find", "--show", image).strip()
        try:
            self.mount()
        except Refused:
            self.close()
            raise

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


class MemoryVolume:
    """tmpfs: full and away like a disk, but programs that watch it are not told that it goes."""

    kinds = KINDS

    def __init__(self, image, where, size_bytes):
        self.where = where
        self.mounted = False
        self._size_bytes = size_bytes
        self._content = image + b".content"  # stays while it is not mounted at `where`
        os.makedirs(self._content)
        os.makedirs(where, exist_ok=True)
        run("mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "atozsync-test", self._content)
        self.mount()

    def mount(self):
        run("mount", "--bind", self._content, self.where)
        self.mounted = True

    def unmount(self):
        run("umount", "--lazy", self.where)
        self.mounted = False

    def fill(self, left_bytes):
        while True:
            now = os.statvfs(self._content)
            used = (now.f_blocks - now.f_bfree) * now.f_frsize
            try:
                self._resize(max(used + left_bytes, now.f_frsize))  # 0 would be no limit
                return
            except Refused:  # somebody was writing: there is more in it already
                if os.statvfs(self._content).f_bfree == now.f_bfree:
                    raise

    def empty(self):
        self._resize(self._size_bytes)

    def _resize(self, size_bytes):
        # Only this option: those that are listed name users of another user namespace.
        run("mount", "--options-mode", "ignore", "-o", f"remount,size={size_bytes}", self._content)

    def close(self):
        if self.mounted:
            self.unmount()
        run("umount", "--lazy", self._content)
