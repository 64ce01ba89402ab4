"""The image as the Dockerfile says, built and run by Debian's buildah in a chroot: no engine, no daemon, no registry.

The base image that the Dockerfile asks for is stood in for by a plain Debian of the same Python, made by debootstrap.
All of it lies in `.image` of this repository; the base is kept for the next run, the image is always built anew.
A chroot shares network and processes with the machine, so the tests see the service's processes from outside.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from tests.image.machine import debian_mirror, pip_volumes

ROOT = Path(__file__).parents[2]
STORAGE = ROOT / ".image"
IMAGE = "anti-mag-cds"
SUITE = "trixie"
TO_START = 30
_ISOLATED = ("--isolation", "chroot")
_ON_READ_ONLY_ROOT = (
    'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && mount -t tmpfs -o mode=755 run "$0/run" && exec "$@"'
)
"""In a mount namespace of its own: nothing of it outlives the command. Buildah keeps a file of its own in /run."""


class Container:
    """The built image, its root mounted read-only as by `docker run --read-only`; /data and /dev/shm are not."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root = buildah("mount", name).strip()
        self.config = cast(dict[str, Any], json.loads(buildah("inspect", name))["Docker"]["config"])

    def run(self, *command: str, user: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self._command(command, user, env), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
        )

    @contextmanager
    def started(self, port: int, **env: str) -> Iterator[Service]:
        """What the image starts by itself, until the end of the block."""
        log = STORAGE / "service.log"
        settings = {"PORT": str(port), **env}
        with (
            log.open("w") as said,
            subprocess.Popen(
                self._command(self.config["Cmd"], "", settings), stdin=subprocess.DEVNULL, stdout=said, stderr=said
            ) as process,
        ):
            service = Service(self, settings, log)
            try:
                service.wait_until_healthy(process)
                yield service
            finally:
                process.terminate()

    def _command(self, command: tuple[str, ...] | list[str], user: str, env: Mapping[str, str]) -> list[str]:
        options = [f"--env={name}={value}" for name, value in env.items()] + ([f"--user={user}"] if user else [])
        inner = [*_buildah(), "run", *_ISOLATED, *options, self._name, "--", *command]
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ON_READ_ONLY_ROOT, self._root, *inner]


class Service:
    """The service of a started container."""

    def __init__(self, container: Container, settings: Mapping[str, str], log: Path) -> None:
        self.container = container
        self.settings = settings
        self._log = log

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings['PORT']}"

    @property
    def log(self) -> str:
        return self._log.read_text()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return self.container.run(*command, **self.settings)

    def is_healthy(self) -> bool:
        """What the image's own health check says."""
        kind, *command = self.container.config["Healthcheck"]["Test"]
        assert kind == "CMD"
        return self.run(*command).returncode == 0

    def processes(self) -> list[Path]:
        """Those of the server in /proc, the one that started the others first."""
        command, port = b"/cds-service\0serve\0", f"PORT={self.settings['PORT']}".encode()
        served = [path.parent for path in Path("/proc").glob("[0-9]*/cmdline") if command in _bytes_of(path)]
        found = [path for path in served if port in _bytes_of(path / "environ").split(b"\0")]
        return sorted(found, key=lambda path: int(path.name))

    def stop(self) -> float:
        """Tell it to end, as an engine does, and give the seconds that it took."""
        began = time.monotonic()
        os.kill(int(self.processes()[0].name), signal.SIGTERM)
        while self.processes() and time.monotonic() < began + TO_START:
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_until_healthy(self, process: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + TO_START
        while not self.is_healthy():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the service did not start: {self.log}")


@contextmanager
def container() -> Iterator[Container]:
    """A container of the image, which is built first."""
    STORAGE.mkdir(exist_ok=True)
    buildah("rm", "--all")
    _provide(base_name())
    _build()
    name = buildah("from", "--pull=never", IMAGE).strip()
    try:
        yield Container(name)
    finally:
        buildah("umount", name)
        buildah("rm", name)


def base_name() -> str:
    """The one image that the Dockerfile builds on."""
    stages = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    [name] = set(stages)
    return str(name)


def buildah(*arguments: str) -> str:
    done = subprocess.run([*_buildah(), *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"buildah {arguments[0]} ended with {done.returncode}: {done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def _provide(base: str) -> None:
    """Make a Debian with Python under the name of the base image, if this folder has none yet."""
    if buildah("images", "--quiet", "--filter", f"reference={base}"):
        return
    mirror = debian_mirror()
    assert mirror is not None
    name = buildah("from", "scratch").strip()
    try:
        root = buildah("mount", name).strip()
        packages = "--include=ca-certificates,python3,python3-venv"
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", packages, SUITE, root, mirror],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise RuntimeError(f"debootstrap ended with {made.returncode}: {made.stdout[-4000:]}{made.stderr[-4000:]}")
        version = buildah("run", *_ISOLATED, name, "--", "python3", "--version")
        wanted = re.escape(base.partition(":")[2].partition("-")[0])
        if not re.match(rf"Python {wanted}\.", version):
            raise RuntimeError(f"{SUITE} has {version.strip()} and cannot stand in for {base}")
        buildah("umount", name)
        buildah("commit", name, base)
    finally:
        buildah("rm", name)


def _build() -> None:
    volumes = [f"--volume={volume}" for volume in pip_volumes(STORAGE)]
    # The format of Docker: the other has no place for the health check.
    buildah("build", *_ISOLATED, "--pull=never", "--format=docker", *volumes, "--tag", IMAGE, ".")
    buildah("rmi", "--prune")


def _buildah() -> tuple[str, ...]:
    return ("buildah", "--root", str(STORAGE / "storage"), "--runroot", str(STORAGE / "run"))


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # It ended meanwhile.
        return b""
