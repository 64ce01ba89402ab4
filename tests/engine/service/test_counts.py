"""Where workers count: a folder that a server which was killed leaves is removed by the next, and no other is."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from cds_service.web import counts
from tests.engine.service.processes import Server, running
from tests.engine.service.test_signals import wait_until


def folder_of(server: Server) -> Path:
    """As the maps of a worker's memory show."""
    mapped = Path(f"/proc/{server.workers()[0]}/maps").read_text()
    (found,) = {Path(line.split()[-1]).parent for line in mapped.splitlines() if "/cds-metrics-" in line}
    return found


def test_counts_of_a_server_that_was_killed_are_removed_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    with running(tmp_path / "one") as killed:
        killed.view()
        left = folder_of(killed)
        with running(tmp_path / "two") as other:
            assert left.is_dir()  # Its server lives.
            assert other.view().status == 200
            os.killpg(killed.process.pid, signal.SIGKILL)
            killed.process.wait(10)
            assert left.is_dir()
            (tmp_path / "three").mkdir()
            with running(tmp_path / "three"):
                assert not left.exists()
                assert folder_of(other).is_dir()
                assert other.view().status == 200


def test_a_folder_is_kept_while_one_worker_lives_that_counts_in_it(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.view()
        counted = folder_of(server)
        workers = server.workers()
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)  # They would end as soon as they see that the master is gone.
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(10)
        counts.remove_left(counted.parent)
        assert counted.is_dir()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: is_removed(counted))


def is_removed(folder: Path) -> bool:
    counts.remove_left(folder.parent)
    return not folder.exists()


def test_a_folder_that_is_just_being_made_and_one_of_others_are_left_alone(tmp_path: Path) -> None:
    for name in ("cds-metrics-begun", "cds-metrics-left", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "cds-metrics-begun" / "owner.begun").touch()
    (tmp_path / "cds-metrics-left" / "owner").touch()
    (tmp_path / "other" / "owner").touch()
    counts.remove_left(tmp_path)
    assert {one.name for one in tmp_path.iterdir()} == {"cds-metrics-begun", "other"}
