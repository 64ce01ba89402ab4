"""HTTP: routes, statuses, CORS, and how gunicorn runs it all. Wired together by `cds_service.app`."""
