"""The folder in which the workers of one server keep what they count, and those that servers left which were killed.

A server holds a lock on its folder for as long as one of its processes lives, so that nobody removes it meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_PLACES = (Path("/dev/shm"), Path(tempfile.gettempdir()))  # noqa: S108 - folders made for this server alone
"""In memory where that can be: the files are mapped, and on a full disk a worker would die of writing to one."""
_PREFIX, _LOCK = "cds-metrics-", "owner"


def folder_of_counts() -> str:
    """A folder of this server's own; "" where this host has no place to write, and each worker counts for itself."""
    for place in _PLACES:
        remove_left(place)
        with suppress(OSError):
            made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
            _hold(made)
            return str(made)
    return ""


def _hold(folder: Path) -> None:
    """Lock it under another name first, so that whoever finds a lock finds it held. The workers inherit it; it is
    never closed."""
    begun = folder / f"{_LOCK}.begun"
    descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    begun.rename(folder / _LOCK)


def remove_left(place: Path) -> None:
    """Remove the folders of this user whose server is gone."""
    for folder in place.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid == os.getuid() and _is_left(folder / _LOCK):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(lock: Path) -> bool:
    """Whether nobody holds the lock. Raises OSError where there is none."""
    descriptor = os.open(lock, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
