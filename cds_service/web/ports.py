"""Whether an address can be listened at, asked before anything is loaded: gunicorn itself tries for five seconds."""

from __future__ import annotations

import socket


def fault_of(host: str, port: int) -> str:
    """One sentence on why nothing can listen there, "" where it can."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return (
            f"Nothing can listen at {host}:{port} ({error.strerror or error}): set PORT or --host to another address."
        )
    return ""
