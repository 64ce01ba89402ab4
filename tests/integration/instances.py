"""Instances of the service in the production profile, and the nginx of the guide before them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.docs.blocks import free_port
from tests.docs.repository import ROOT, text


class Instance:
    """One instance, at a port of its own."""

    def __init__(self, site: Path, workers: int = 2) -> None:
        self.port = free_port()
        self._site = site
        self._workers = workers
        self.start()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        ours = {"CDS_PROFILE": "production", "CDS_CONFIG": str(self._site), "PORT": self.port, "CDS_HASH_KEY": "k" * 32}
        command = [sys.executable, "-m", "cds_service.cli", "serve", "--workers", str(self._workers)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | ours, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 30
        while status(self.port, "/readyz") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self._process.send_signal(how)
        self._process.wait(20)


class Nginx:
    """nginx with the upstream of the guide."""

    def __init__(self, folder: Path, first: Instance, second: Instance) -> None:
        self.port = free_port()
        (block,) = re.findall(r"```nginx\n(.*?)```", text("docs/how-to/run-two-instances.md"), re.DOTALL)
        self._upstream = block.replace("8081", first.port).replace("8082", second.port)
        self._folder = folder
        self._write(self._upstream)
        self._process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")])
        time.sleep(0.5)

    def without(self, instance: Instance) -> None:
        """Mark it down and reload."""
        self._write(self._upstream.replace(f"{instance.port} max_fails=0", f"{instance.port} max_fails=0 down"))
        self._process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def with_both(self) -> None:
        self._write(self._upstream)
        self._process.send_signal(signal.SIGHUP)
        time.sleep(1)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)

    def _write(self, upstream: str) -> None:
        temporary = "\n".join(f"{one}_temp_path {self._folder}/{one};" for one in ("client_body", "proxy", "fastcgi"))
        temporary += (
            f"\nclient_body_buffer_size 2m;\nuwsgi_temp_path {self._folder}/uwsgi;\nscgi_temp_path {self._folder}/scgi;"
        )
        (self._folder / "nginx.conf").write_text(
            f"daemon off;\npid {self._folder}/nginx.pid;\nerror_log {self._folder}/nginx.log;\nevents {{}}\n"
            f"http {{\naccess_log off;\n{temporary}\nproxy_connect_timeout 2s;\nproxy_read_timeout 15s;\n{upstream}\n"
            f"server {{ listen 127.0.0.1:{self.port}; location /cds-services {{ proxy_pass http://cds; }} }}\n}}\n"
        )


def status(port: str, path: str, token: str = "", body: bytes = b"") -> int:
    """The status of a GET, or with a token of a call; 0 where there was no answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=15)
    try:
        connection.request("POST" if token else "GET", path, body or None, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
