"""Every request that this service itself makes: a guarded GET, used for key sets and for FHIR servers.

Decides which network addresses a host may stand for, and bounds time and size. Who may be asked at all, and what an
answer means, is decided by those who call. Nothing is taken from the environment: no proxy, no stored password.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, NewConnectionError

from cds_service.site.addresses import Ip, is_loopback, is_loopback_host, plain

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
        at_work = _AtWork()
        watch = threading.Timer(left, at_work.stop)
        watch.daemon = True
        watch.start()
        _local.at_work = at_work
        try:
            return self._get(url, headers, left, most_bytes, media_types)
        except OutboundFailed:
            raise
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            raise OutboundFailed("slow" if at_work.is_stopped else _reason(error)) from None
        finally:
            watch.cancel()
            _local.at_work = None

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
    text = [error]
    while (cause := text[-1].__context__ or text[-1].__cause__) is not None and cause not in text:
        text.append(cause)
    if any(isinstance(link, _AddressForbidden) for link in text):
        return "forbidden"
    if any(isinstance(link, NewConnectionError | ConnectionRefusedError | socket.gaierror) for link in text):
        return "unreachable"
    if isinstance(error, requests.ConnectTimeout):
        return "unreachable"
    return "slow" if isinstance(error, requests.Timeout | TimeoutError) else "broken"


# The deadline


class _AtWork:
    """One request under way; `stop` ends it from another thread, however slowly its server drips."""

    def __init__(self) -> None:
        self.connection: HTTPConnection | None = None
        self.is_stopped = False

    def stop(self) -> None:
        self.is_stopped = True
        connected = self.connection.sock if self.connection else None
        if connected is not None:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # It was over already.


_local = threading.local()


# The network


class _AddressForbidden(OSError):
    """The host's name stands for addresses that it may not stand for."""


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


def _connected(host: str, port: int, timeout: Any, options: Any) -> socket.socket:  # noqa: ANN401 - as urllib3 has them
    """A socket to one of the addresses of `host`, looked up once and checked before anything is sent."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    allowed = [item for item in found if may_connect(host.strip("[]"), ip_address(str(item[4][0]).partition("%")[0]))]
    if not allowed:
        raise _AddressForbidden
    failure: OSError | None = None
    for family, kind, protocol, _, address in allowed:
        connected = socket.socket(family, kind, protocol)
        try:
            connected.settimeout(timeout)
            for option in options or ():
                connected.setsockopt(*option)
            connected.connect(address)
        except OSError as error:
            connected.close()
            failure = error
        else:
            return connected
    raise failure or OSError


class _Guarded(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port or 80, self.timeout, self.socket_options)

    def request(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        if (at_work := getattr(_local, "at_work", None)) is not None:
            at_work.connection = self
        super().request(*args, **more)


class _GuardedTls(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port or 443, self.timeout, self.socket_options)

    def request(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        if (at_work := getattr(_local, "at_work", None)) is not None:
            at_work.connection = self
        super().request(*args, **more)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTls


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **more: Any) -> None:  # noqa: ANN401 - passed on
        super().init_poolmanager(*args, **more)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
