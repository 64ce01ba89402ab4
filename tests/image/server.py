"""An empty Debian server that boots under its own systemd: debootstrap's files, an overlay, the kernel's namespaces.

No hypervisor and no container engine: PID 1 of the server is Debian's systemd, so that units are started by what starts
them in a hospital, with all that they forbid themselves. The server has its own mounts, processes, network (loopback
alone) and control groups, and nothing of it outlives the tests but what is kept for the next run in `.image`: Debian's
files, and what apt and pip would fetch, since the server reaches no network.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.image.machine import debian_mirror, lacking, pip_volumes

ROOT = Path(__file__).parents[2]
KEPT = ROOT / ".image"
TO_BOOT = 30
WHEELS = "/var/cache/wheels"
_LOCKS = ("requirements.lock", "requirements-build.lock")

_BOOT = f"""
mount -t tmpfs server "$1"
cd "$1"
mkdir upper work root
mount -t overlay overlay -o "lowerdir=$2,upperdir=$1/upper,workdir=$1/work" root
cd root
mkdir -p .{WHEELS}
mount --bind -o ro "$3" .{WHEELS}
printf '[global]\\nno-index = true\\nfind-links = {WHEELS}\\n' > etc/pip.conf
ln -s /dev/null etc/systemd/system/systemd-modules-load.service
echo 'Acquire::Retries "0";' > etc/apt/apt.conf.d/90no-network
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 dev dev
for one in null zero full random urandom tty; do touch "dev/$one"; mount --bind "/dev/$one" "dev/$one"; done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
mount -t tmpfs -o mode=755 run run
mkdir outside
pivot_root . outside
umount -l outside
rmdir outside
exec env -i container=unshare PATH=/usr/sbin:/usr/bin:/sbin:/bin /sbin/init
"""
"""Run in namespaces of its own, where it becomes PID 1. The kernel is not the server's to load modules into."""

_FETCH = f"""
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive chroot "$2/root" sh -e -c '
apt-get install --yes --no-install-recommends ca-certificates python3-venv
python3 -m venv /venv
for lock in {" ".join(_LOCKS)}; do
    /venv/bin/pip download --no-deps --only-binary :all: --require-hashes --dest {WHEELS} -r "/$lock"
done'
"""


class NoServer(Exception):
    """This machine cannot boot one; says why."""


class Server:
    """A server that is up."""

    def __init__(self, init: int) -> None:
        self._init = init

    def run(self, script: str, seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Root's shell, which ends with the first command that fails. What is said on both outputs is in `stdout`."""
        inside = ["nsenter", "-t", str(self._init), "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w"]
        environment = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"]
        shell = ["DEBIAN_FRONTEND=noninteractive", "timeout", str(seconds), "bash", "-e", "-c", script]
        # Into a file: a daemon that a command left behind would keep a pipe open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*inside, *environment, *shell],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                text=True,
            )
            said.seek(0)
            return subprocess.CompletedProcess(script, done.returncode, said.read())

    def said(self, script: str) -> str:
        done = self.run(script)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def path(self, name: str) -> Path:
        """A file or folder of the server, seen from outside."""
        return Path(f"/proc/{self._init}/root{name}")


@contextmanager
def booted(suite: str, packages: Sequence[str]) -> Iterator[Server]:
    """An empty server of that release. Its apt has PACKAGES at hand, and its pip what the lock files name."""
    groups = _groups()
    lower = _debian(suite, packages)
    wheels = _wheels(suite, lower)
    group = Path(tempfile.mkdtemp(prefix="cds-server-", dir=groups))
    apart = ["--mount", "--propagation", "private", "--pid", "--fork", "--uts", "--ipc", "--net", "--cgroup"]
    in_group = ["sh", "-e", "-c", 'echo 0 > "$0/cgroup.procs"; exec "$@"', str(group)]
    with (
        tempfile.TemporaryDirectory(prefix="server-") as place,
        subprocess.Popen(
            [*in_group, "unshare", *apart, "--kill-child", "sh", "-e", "-c", _BOOT, "boot", place, lower, wheels],
            stdin=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            yield _up(process)
        finally:
            process.kill()
            process.wait()
            _remove(group)


def _up(process: subprocess.Popen[bytes]) -> Server:
    """The server, once it runs. Whatever failed by then is told."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + TO_BOOT
    told = "nothing"
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        if init := children.read_text().split():
            server = Server(int(init[0]))
            told = server.run("systemctl is-system-running --wait || systemctl --no-pager --failed").stdout
            if told.strip() == "running":
                return server
        time.sleep(0.2)
    raise RuntimeError(f"the server does not come up: {told}")


def _groups() -> Path:
    """Where control groups of version 2 are made. Raises `NoServer` where this machine lacks anything."""
    programs = [program for program in ("nsenter", "pivot_root") if shutil.which(program) is None]
    if missing := [one for one in (*lacking(), *programs) if one != "buildah"]:
        raise NoServer(f"this needs {', '.join(missing)}")
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    found = [place for place, kind in mounts if kind == "cgroup2"]
    if not found:
        raise NoServer("this needs control groups of version 2, and none are mounted")
    return Path(found[0])


def _debian(suite: str, packages: Sequence[str]) -> Path:
    """The files of an empty server, made once, with the archives of PACKAGES in apt's cache."""
    folder = KEPT / f"server-{suite}"
    stamp = folder.with_suffix(".packages")
    wanted = " ".join(packages)
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    mirror = debian_mirror()
    assert mirror is not None
    stamp.unlink(missing_ok=True)
    if not folder.exists():
        begun = folder.with_suffix(".begun")
        shutil.rmtree(begun, ignore_errors=True)
        _told(["debootstrap", "--variant=minbase", "--include=dbus,systemd-sysv", suite, str(begun), mirror])
        begun.rename(folder)
    clean = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"]
    apt = [*clean, "chroot", str(folder), "apt-get"]
    _told([*apt, "update"])
    _told([*apt, "install", "--yes", "--no-install-recommends", "--download-only", *packages])
    stamp.write_text(wanted)
    return folder


def _wheels(suite: str, lower: Path) -> Path:
    """What the lock files name, as pip of that release fetches it; fetched once for each state of the locks."""
    locked = hashlib.sha256(b"".join((ROOT / lock).read_bytes() for lock in _LOCKS)).hexdigest()[:16]
    folder = KEPT / f"server-{suite}-{locked}"
    if folder.exists():
        return folder
    overlay = Path(tempfile.mkdtemp(prefix="overlay-", dir=KEPT))
    overlay.chmod(0o755)
    for name in ("upper/etc", "upper" + WHEELS, "work", "root"):
        (overlay / name).mkdir(parents=True)
    for volume in pip_volumes(overlay):
        outside, inside, _ = volume.split(":")
        shutil.copy(outside, overlay / "upper" / inside.lstrip("/"))
    for lock in _LOCKS:
        shutil.copy(ROOT / lock, overlay / "upper")
    try:
        apart = ["unshare", "--mount", "--propagation", "private"]
        _told([*apart, "sh", "-e", "-c", _FETCH, "fetch", str(lower), str(overlay)])
        (overlay / f"upper{WHEELS}").rename(folder)
    finally:
        shutil.rmtree(overlay, ignore_errors=True)
    return folder


def _remove(group: Path) -> None:
    """A control group with all below it, once its processes are gone."""
    until = time.monotonic() + 10
    while group.exists() and time.monotonic() < until:
        for folder, _, _ in os.walk(group, topdown=False):
            try:
                Path(folder).rmdir()
            except OSError:  # Somebody is in it still.
                time.sleep(0.1)


def _told(command: Sequence[str]) -> None:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout[-4000:]}{done.stderr[-4000:]}")
