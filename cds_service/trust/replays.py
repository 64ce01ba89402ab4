"""Whether a token was used before: the store knows for all workers and after a restart, this process for itself.

Where the store does not answer, the memory of this process alone decides: a token can then be used once in each worker,
and clinicians keep their cards.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable

from cds_service.errors import StoreUnavailable
from cds_service.store import Store

MOST = 100_000
"""Tokens that a process remembers; the oldest are forgotten first."""
_FEW = 1_000


class Replays:
    """The memory of used tokens. `lost` is told of each use that the store could not be asked about."""

    def __init__(
        self, store: Store, lost: Callable[[StoreUnavailable], None], now: Callable[[], float] = time.time
    ) -> None:
        self._store = store
        self._lost = lost
        self._now = now
        self._seen: dict[bytes, float] = {}
        self._many = _FEW
        """How many there must be before it is worth looking for those that have expired."""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many tokens this process remembers."""
        return len(self._seen)

    def first_use(self, issuer: str, jti: str, until: float) -> bool:
        """False where this token of the issuer was used before; it is remembered `until` then."""
        if not self._is_new_here(issuer, jti, until):
            return False
        try:
            return self._store.first_use(issuer, jti, until)
        except StoreUnavailable as error:
            self._lost(error)
            return True

    def _is_new_here(self, issuer: str, jti: str, until: float) -> bool:
        token = _digest(issuer, jti)
        with self._lock:
            if token in self._seen:
                return False
            if len(self._seen) >= self._many:
                self._forget()
            self._seen[token] = until
            return True

    def _forget(self) -> None:
        """Tokens that have expired, and the older half of the others where that is not enough."""
        now = self._now()
        kept = {key: until for key, until in self._seen.items() if until >= now}
        if len(kept) >= MOST:
            kept = dict(list(kept.items())[MOST // 2 :])
        self._seen = kept
        self._many = min(MOST, max(_FEW, 2 * len(kept)))


def _digest(issuer: str, jti: str) -> bytes:
    """Of one length, however long a client's own are: a process remembers many."""
    return hashlib.blake2b(f"{issuer}\0{jti}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
