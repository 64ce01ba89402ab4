"""What this machine has for building an image: programs, Debian's mirror, and how its pip reaches the packages.

It only looks. `python -m tests.image.machine` says what is lacking, and ends with 1 where something is.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

PROGRAMS = ("buildah", "debootstrap", "unshare")
INSIDE = ("/etc/pip.conf", "/etc/pip.pem")
"""Where pip looks in a container, and where its certificates lie there."""
_PASSED_ON = ("index-url", "extra-index-url", "trusted-host", "proxy", "timeout")


def lacking() -> list[str]:
    found = [program for program in PROGRAMS if shutil.which(program) is None]
    if os.geteuid() != 0:
        found.append("root")
    if debian_mirror() is None:
        found.append("Debian")
    return found


def debian_mirror() -> str | None:
    """The mirror that apt takes this release from, however its sources are written."""
    try:
        release = platform.freedesktop_os_release()
        if release.get("ID") != "debian":
            return None
        uris = _said_by("apt-get", "--print-uris", "update")
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(rf"^'(\S+?)/?/dists/{re.escape(release['VERSION_CODENAME'])}/InRelease'", uris, re.MULTILINE)
    return found and found[1]


def pip_volumes(folder: Path) -> list[str]:
    """Volumes that let pip in a container reach what it reaches here: its index, its proxy, its certificates."""
    settings = _pip_settings()
    certificates = settings.get("cert") or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE")
    lines = [f"{name} = {settings[name]}" for name in _PASSED_ON if name in settings]
    volumes = []
    if certificates:
        lines.append(f"cert = {INSIDE[1]}")
        volumes.append(f"{certificates}:{INSIDE[1]}:ro")
    written = folder / "pip.conf"
    written.write_text("\n".join(["[global]", *lines, ""]))
    return [f"{written}:{INSIDE[0]}:ro", *volumes]


def free_port() -> int:
    """A container shares the ports of the machine."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def _pip_settings() -> dict[str, str]:
    said = _said_by(sys.executable, "-m", "pip", "config", "list")
    return dict(re.findall(r"^[^=]*?([a-z-]+)='(.*)'$", said, re.MULTILINE))


def _said_by(*command: str) -> str:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    missing = lacking()
    if missing:
        sys.exit(
            f"this needs {', '.join(missing)} (programs come with the Debian packages buildah, debootstrap, util-linux)"
        )
