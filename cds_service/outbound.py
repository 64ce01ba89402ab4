"""Every request that this service itself makes: a guarded GET, used for key sets and for FHIR servers.

Decides which network addresses a host may stand for, and bounds time and size. Who may be asked at all, and what an
answer means, is decided by those who call. Nothing is taken from the environment: no proxy, no stored password.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from ipaddress import ip_address
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from cds_service.site.addresses import Ip, is_loopback, is_loopback_host, plain
from cds_service.waiting import going_to_wait

Reason = Literal["unreachable", "forbidden", "slow", "redirected", "too large", "wrong type", "broken"]
_CHUNK = 65_536
_KEPT_CONNECTIONS = 32


class OutboundFailed(Exception):
    """There is no answer to use. `reason` has no detail of the request and may be logged."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whole and decompressed."""

    status: int
    body: bytes


class Outbound:
    """One kept session; use one for a process. Safe for threads.

    `ca_file` holds the certificates of the authorities to trust, in place of the public ones.
    """

    def __init__(self, ca_file: str = "") -> None:
        self._session = requests.Session()
        self._session.verify = ca_file or True
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "cds-service"
        # One session serves all clients and patients: no call may carry what another was handed.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(pool_connections=_KEPT_CONNECTIONS, pool_maxsize=_KEPT_CONNECTIONS)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        until: float,
        most_bytes: int,
        media_types: frozenset[str] = frozenset(),
    ) -> Fetched:
        """GET `url`, done by `until` (of `time.monotonic()`) whatever the server does. A body is read for status 200.

        With `media_types`, an answer of another type is an error. Raises `OutboundFailed`.
        """
        left = until - time.monotonic()
        if left <= 0:
            raise OutboundFailed("slow")
        going_to_wait()
        at_work = _AtWork(until)
        watch = threading.Timer(left, at_work.stop)
        watch.daemon = True
        watch.start()
        _local.at_work = at_work
        fetched: Fetched | None = None
        reason: Reason = "broken"
        try:
            fetched = self._get(url, headers, left, most_bytes, media_types)
        except OutboundFailed as failure:
            reason = failure.reason
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            reason = _reason(error)
        finally:
            watch.cancel()
            at_work.leave()
            _local.at_work = None
        if at_work.is_stopped and reason not in ("unreachable", "forbidden"):
            raise OutboundFailed("slow")  # What was cut off may look whole: a head or a body may end like that.
        if fetched is None:
            raise OutboundFailed(reason)
        return fetched

    def _get(
        self, url: str, headers: Mapping[str, str], left: float, most_bytes: int, media_types: frozenset[str]
    ) -> Fetched:
        with self._session.get(
            url, headers=dict(headers), timeout=(left, left), stream=True, allow_redirects=False
        ) as answer:
            if 300 <= answer.status_code < 400:
                raise OutboundFailed("redirected")
            if answer.status_code != 200:
                return Fetched(answer.status_code, b"")
            media_type = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if media_types and media_type not in media_types:
                raise OutboundFailed("wrong type")
            return Fetched(200, _body(answer, most_bytes))


def _body(answer: requests.Response, most_bytes: int) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(_CHUNK):
        size += len(part)
        if size > most_bytes:
            answer.close()
            raise OutboundFailed("too large")
        parts.append(part)
    return b"".join(parts)


def _reason(error: BaseException) -> Reason:
    """A host that cannot be connected to is unreachable; one that answers nonsense, or nothing in time, is not."""
    links = [error]
    while (cause := links[-1].__context__ or links[-1].__cause__) is not None and cause not in links:
        links.append(cause)
    if any(isinstance(link, _AddressForbidden) for link in links):
        return "forbidden"
    if any(isinstance(link, _NotConnected) for link in links):
        return "unreachable"
    return "slow" if isinstance(error, requests.Timeout | TimeoutError) else "broken"


# The deadline


class _AtWork:
    """One request under way; `stop` ends it from another thread, however slowly its server drips.

    It holds a second handle of the connection: the first is handed over as TLS begins, and let go of before the body
    of an answer after which the server closes.
    """

    def __init__(self, until: float) -> None:
        self._until = until
        self._lock = threading.Lock()
        self._connected: socket.socket | None = None
        self.is_stopped = False

    @property
    def left(self) -> float:
        """Seconds; a little where there is none, since a socket takes zero for something else."""
        return max(self._until - time.monotonic(), 0.001)

    def hold(self, connected: socket.socket) -> None:
        """The connection that this request uses from now on."""
        with self._lock:
            self._let_go()
            self._connected = socket.socket(fileno=os.dup(connected.fileno()))
            if self.is_stopped:
                self._end()

    def stop(self) -> None:
        with self._lock:
            self.is_stopped = True
            self._end()

    def leave(self) -> None:
        """The request is over."""
        with self._lock:
            self._let_go()

    def _end(self) -> None:
        if self._connected is not None:
            with suppress(OSError):  # It was over already.
                self._connected.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._connected is not None:
            self._connected.close()
            self._connected = None


_local = threading.local()


# The network


class _AddressForbidden(OSError):
    """The host's name stands for addresses that it may not stand for."""


class _NotConnected(OSError):
    """The host's name stands for no address, or none of them takes a connection."""


def may_connect(host: str, address: Ip) -> bool:
    """Whether a host that a site listed may stand for this address.

    An address that was listed as such stands for itself. A name may mean a private address, since many hospital servers
    are private; but never this very host, a link-local address or a multicast one, which is what rebinding would want.
    """
    if is_loopback_host(host):
        return is_loopback(address)
    try:
        return plain(ip_address(host)) == plain(address)
    except ValueError:
        found = plain(address)
        return not (found.is_loopback or found.is_link_local or found.is_multicast or found.is_unspecified)


def _connected(host: str, port: int, options: Any) -> socket.socket:  # noqa: ANN401 - as urllib3 has them
    """A socket to one of the addresses of `host`, looked up once and checked before anything is sent."""
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _NotConnected from None
    allowed = [item for item in found if may_connect(host.strip("[]"), ip_address(str(item[4][0]).partition("%")[0]))]
    if not allowed:
        raise _AddressForbidden
    at_work: _AtWork = _local.at_work
    for family, kind, protocol, _, address in allowed:
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(at_work.left)
            for option in options or ():
                connected.setsockopt(*option)
            connected.connect(address)
            connected.settimeout(at_work.left)
            at_work.hold(connected)
        except OSError:
            connected.close()
        else:
            return connected
    raise _NotConnected


class _Watched:
    """What both kinds of connection do: connect to a checked address, and be held by the request that they serve."""

    def _new_conn(self: Any) -> socket.socket:
        return _connected(self.host, self.port or self.default_port, self.socket_options)

    def request(self: Any, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        if self.sock is not None:
            _local.at_work.hold(self.sock)
        super().request(*args, **more)  # type: ignore[misc]


class _Guarded(_Watched, HTTPConnection):
    pass


class _GuardedTls(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
