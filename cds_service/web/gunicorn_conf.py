"""How gunicorn runs the service, for `cds-service serve`, the container and a bare `gunicorn` alike.

Addresses and limits given on gunicorn's command line win over these. What a client may take of a worker stands in the
site's file (`[limits]`).
"""

import atexit
import gc
import os
import shutil
import sys
from importlib import import_module
from typing import Any

from cds_service.settings import PORT
from cds_service.web.counts import folder_of_counts
from cds_service.web.ports import fault_of

gc.disable()  # Until all is loaded: what is loaded stays, so that there is nothing to collect.

wsgi_app = "cds_service.main:application()"
bind = f"127.0.0.1:{os.environ.get('PORT') or PORT}"
worker_class = "cds_service.web.worker.DoorWorker"
workers = os.cpu_count() or 2
worker_connections = 1000
"""Beyond them, the one that has been idle longest makes place."""
keepalive = 15
preload_app = True
logger_class = "cds_service.web.server_log.ServerLog"
timeout = 30
graceful_timeout = 10
control_socket_disable = True
"""Its default is a socket in the working directory, which a read-only container does not have."""


def _remove_counts(owner: int) -> None:
    """Remove the counts of this run when the process ends that made them, also where it never got to serve."""
    if os.getpid() == owner:
        shutil.rmtree(_counts, ignore_errors=True)


# Set before anything that counts is imported. Given from outside, the folder must be empty at start.
_counts = "" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else folder_of_counts()
if _counts:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counts
    atexit.register(_remove_counts, os.getpid())


def on_starting(server: Any) -> None:  # noqa: ANN401 - gunicorn's
    """End with one sentence where an address is taken, in place of five tries."""
    if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:  # Handed over, and listened at already.
        return
    for address in server.cfg.address:
        if isinstance(address, tuple) and (fault := fault_of(*address[:2])):
            sys.exit(fault)


def on_reload(server: Any) -> None:  # noqa: ANN401 - gunicorn's
    """SIGHUP: the workers that are started next have the site's file as it is now, or, where no service can be made of
    it, the one that there was. Key sets are fetched anew either way, since none is kept in this process."""
    from cds_service.errors import StartUpError

    root = import_module(wsgi_app.partition(":")[0])
    try:
        server.app.callable = root.built()
    except StartUpError as error:
        server.log.error("Site file refused, the old one stays: %s", " ".join(str(error).splitlines()))
    except Exception:  # Whatever it is, the service that runs goes on.
        server.log.exception("Site file refused, the old one stays")
    else:
        server.log.info("Site file taken: %s", os.environ.get("CDS_CONFIG") or "none")


def child_exit(server: object, worker: object) -> None:  # noqa: ARG001 -- the signature is gunicorn's
    """A worker that is gone counts no more among the living; what it counted stays."""
    from cds_service.web.worker import forget

    forget(worker)
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(getattr(worker, "pid", 0))  # type: ignore[no-untyped-call]


_COLLECTED_AFTER = (50_000, 20, 20)


def when_ready(server: object) -> None:  # noqa: ARG001 -- the signature is gunicorn's
    """Everything loaded so far stays for good: keep the collector from walking it on every request. A large chart makes
    some ten thousand values and leaves no cycles; the collector's own measure would have it look through them many
    times over."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_AFTER)
    gc.enable()
