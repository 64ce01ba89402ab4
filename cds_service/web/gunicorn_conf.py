"""How gunicorn runs the service, for `cds-service serve`, the container and a bare `gunicorn` alike.

Threads, because a worker will wait for FHIR servers; few connections a worker, so that one worker cannot hoard all
kept-alive connections while the other idles. Addresses and limits given on gunicorn's command line win over these.
"""

import gc
import os

from cds_service.settings import PORT

wsgi_app = "cds_service.main:application()"
bind = f"127.0.0.1:{os.environ.get('PORT') or PORT}"
worker_class = "gthread"
workers = os.cpu_count() or 2
threads = 8
worker_connections = 2 * threads
preload_app = True
timeout = 30
graceful_timeout = 10
control_socket_disable = True
"""Its default is a socket in the working directory, which a read-only container does not have."""


def when_ready(server: object) -> None:  # noqa: ARG001 -- the signature is gunicorn's
    """Everything loaded so far stays for good: keep the collector from walking it on every request."""
    gc.collect()
    gc.freeze()
