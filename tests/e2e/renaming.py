"""renameat2: what replaces and what must not replace, in one step."""

import ctypes
import os

AT_FDCWD = -100
NOREPLACE, EXCHANGE = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)


def _renameat2(source, target, flags):
    if _libc.renameat2(AT_FDCWD, ctypes.c_char_p(source), AT_FDCWD, ctypes.c_char_p(target),
                       ctypes.c_uint(flags)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(source), None, os.fsdecode(target))


def exchange(left, right):
    """Both must exist; each then has the other's name. At no time is one of the names free."""
    _renameat2(left, right, EXCHANGE)


def rename_noreplace(source, target):
    """FileExistsError where `target` exists."""
    _renameat2(source, target, NOREPLACE)


def put(fresh, target):
    """`fresh` takes the name `target` in one step. True when something was replaced: it then
    stands under the name `fresh`."""
    while True:
        try:
            rename_noreplace(fresh, target)
            return False
        except FileExistsError:
            pass
        try:
            exchange(fresh, target)
            return True
        except FileNotFoundError:
            if not os.path.exists(fresh) or not os.path.isdir(os.path.dirname(target)):
                raise
