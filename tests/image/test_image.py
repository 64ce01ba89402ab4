"""The container image: built from the locks, run as nobody in particular, on a root that nobody can write to."""

from __future__ import annotations

import json
import re

from tests.docs.locks import here, version
from tests.image.buildah import Container, Service
from tests.image.machine import free_port

LIST_PACKAGES = (
    "import json\n"
    "from importlib.metadata import distributions\n"
    "print(json.dumps({item.name: item.version for item in distributions()}))"
)


def test_it_holds_what_is_locked_and_the_service_and_nothing_else(image: Container):
    said = image.run("python", "-c", LIST_PACKAGES)
    found = {re.sub(r"[-_.]+", "-", name.lower()): version for name, version in json.loads(said.stdout).items()}
    assert found.pop("anti-mag-cds")
    assert found == {name: version(item) for name, item in here("requirements.lock").items()}


def test_it_starts_no_profile_by_itself(image: Container):
    said = image.run(*image.config["Cmd"], PORT=str(free_port()))
    assert said.returncode != 0
    assert "CDS_PROFILE" in said.stdout + said.stderr


def test_an_example_gets_its_card(service: Service):
    said = service.run("cds-service", "try", "first_line_rituximab", "--url", service.url)
    assert said.returncode == 0, said.stderr
    assert "[INFO] Confirmed disabling anti-MAG neuropathy: rituximab is the first choice" in said.stdout


def test_every_process_is_of_user_10001(service: Service):
    assert service.container.config["User"] == "10001:10001"
    ids = [re.findall(r"^[UG]id:\t(.*)$", (path / "status").read_text(), re.MULTILINE) for path in service.processes()]
    assert len(ids) > 1
    assert {number for both in ids for line in both for number in line.split()} == {"10001"}


def test_the_root_is_read_only_for_the_service_that_answers(service: Service):
    for path in service.processes():
        mounts = [line.split()[1:4] for line in (path / "mounts").read_text().splitlines()]
        assert [options.split(",")[0] for place, _, options in mounts if place == "/"][-1] == "ro"
        disks = {place for place, kind, options in mounts if kind not in VIRTUAL and options.split(",")[0] == "rw"}
        assert disks - OF_BUILDAH == {"/data"}


VIRTUAL = {"proc", "sysfs", "tmpfs", "devtmpfs", "devpts", "mqueue", "cgroup", "cgroup2"}
OF_BUILDAH = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/run/.containerenv"}
"""Files that an engine puts into a container."""


def test_the_workers_beat_in_memory(service: Service):
    opened = [link.readlink() for path in service.processes() for link in (path / "fd").iterdir()]
    beats = [name for name in opened if name.name.startswith("wgunicorn")]
    assert beats
    assert {name.parent.parts[-2:] for name in beats} == {("dev", "shm")}, "seen from outside, before it the root"


def test_not_even_root_can_change_the_program(image: Container):
    said = image.run("touch", "/opt/service/bin/changed", user="0")
    assert said.returncode != 0
    assert "Read-only file system" in said.stderr


def test_what_it_keeps_lies_in_data(service: Service):
    asked = service.run("cds-service", "try", "first_line_rituximab", "--url", service.url)
    assert asked.returncode == 0, asked.stderr
    kept = service.run("sh", "-c", "stat -c '%u %n' /data/*").stdout.splitlines()
    assert {"10001 /data/cds-service.db", "10001 /data/audit.jsonl"} <= set(kept)


def test_it_ends_in_time_when_it_is_told_to_and_the_health_check_then_fails(image: Container):
    with image.started(free_port(), CDS_PROFILE="sandbox") as service:
        assert service.is_healthy()
        assert service.stop() < 10
        assert not service.is_healthy()
    assert "Shutting down" in service.log
