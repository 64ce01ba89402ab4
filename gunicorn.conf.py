"""Found by a bare `gunicorn` started here; the settings and their reasons are in the package."""

from cds_service.web.gunicorn_conf import *  # noqa: F403
