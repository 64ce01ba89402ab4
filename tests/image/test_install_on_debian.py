"""The guide leads from an empty Debian server to the first signed call, through the first upgrade and the way back.

Its blocks are run as they stand, in their order, in one shell of root, on a server with systemd. What stands in for the
outside: the next version is this one with another number and one more migration, and apt and pip take what was fetched
before, since the server has no network. DEBIAN="bookworm trixie" names the releases that it is tried on.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service import __version__
from tests.docs.blocks import blocks_of
from tests.docs.repository import ROOT
from tests.image.server import NoServer, Server, booted

GUIDE = "docs/how-to/install-on-debian.md"
SOURCE = "/usr/local/src/anti-mag-cds"
NEXT = "99.0"
MIGRATION = """
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("cards_by_service", "cards", ["service"])
"""
WHAT_RUNS = """
command=/proc/$(systemctl show --property=MainPID --value anti-mag-cds)/cmdline
tables=$(runuser -u postgres -- psql -Atc 'SELECT version_num FROM alembic_version' cds)
echo "running $(tr '\\0' '\\n' < "$command" | head -n 1) on tables $tables"
"""
BLOCKS = blocks_of(GUIDE)
PACKAGES = sorted(set(" ".join(re.findall(r"--no-install-recommends (.*)", "\n".join(BLOCKS))).split()))


class Played:
    """A server on which the guide was played, and what it said to each block."""

    def __init__(self, server: Server) -> None:
        self.server = server
        done = server.run("\n".join(_told(number, block) for number, block in enumerate(BLOCKS)), seconds=600)
        print(done.stdout)  # With the seconds from the start, for somebody who looks at what takes long.
        assert done.returncode == 0, done.stdout
        self._answers = re.findall(r"^@@ \d+ s\n(.*?)(?=^@@ |\Z)", done.stdout, re.MULTILINE | re.DOTALL)
        assert len(self._answers) == len(BLOCKS)

    def to(self, command: str) -> str:
        """The answer to the first block with that command."""
        number = next(number for number, block in enumerate(BLOCKS) if command in block)
        return " ".join(self._answers[number].split())


def _told(number: int, block: str) -> str:
    """A block, and from the upgrade on what runs after it."""
    is_upgrade = number >= next(first for first, block in enumerate(BLOCKS) if "pg_dump" in block)
    return f'printf "\\n@@ $SECONDS s\\n"\n{block}' + (WHAT_RUNS if is_upgrade else "")


@pytest.fixture(scope="module", params=os.environ.get("DEBIAN", "trixie").split())
def played(request: pytest.FixtureRequest) -> Iterator[Played]:
    try:
        with booted(request.param, PACKAGES) as server:
            _unpack(server.path(SOURCE))
            _make_next(server.path(f"{SOURCE}-new"))
            yield Played(server)
    except NoServer as reason:
        pytest.skip(str(reason))


def _unpack(folder: Path) -> None:
    """The source as somebody gets it."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in listed.strip("\0").split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def _make_next(folder: Path) -> None:
    """The version after this one."""
    _unpack(folder)
    store = folder / "cds_service" / "store"
    (store / "migrations" / "versions" / "v0002_next.py").write_text(MIGRATION)
    for file, old, new in (
        (store / "database.py", 'HEAD = "0001"', 'HEAD = "0002"'),
        (folder / "cds_service" / "__init__.py", '__version__ = "', f'__version__ = "{NEXT}"  # '),
    ):
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))


def test_the_site_file_is_checked_and_the_tables_are_made(played: Played) -> None:
    said = played.to("trust keygen")
    assert "/etc/anti-mag-cds/site.toml: sound for production." in said
    assert "store: its tables are older; the start brings them to migration 0001" in said
    assert said.endswith("The tables are in their newest form.")


def test_the_first_signed_call_is_answered_over_tls_and_an_unsigned_one_is_not(played: Played) -> None:
    said = played.to("--url https://")
    assert "rituximab is the first choice" in said
    assert "Why this card: https://cds.hospital.example.org/knowledge/rules/TX-1" in said
    assert said.endswith(" 401")


def test_the_service_runs_with_all_that_its_unit_forbids(played: Played) -> None:
    (level,) = re.findall(r"Overall exposure level for anti-mag-cds.service: ([\d.]+)", played.to("systemctl enable"))
    assert float(level) < 3
    said = played.server.said(
        "cat $(sed 's,.*,/proc/&/status,' /sys/fs/cgroup/system.slice/anti-mag-cds.service/cgroup.procs)"
    )
    states = [dict(re.findall(r"^(\w+):\t(.*)$", one, re.MULTILINE)) for one in said.split("Name:")[1:]]
    assert len(states) > 1
    for state in states:
        assert "0" not in state["Uid"].split()
        assert (int(state["CapBnd"], 16), state["NoNewPrivs"], state["Seccomp"]) == (0, "1", "2")


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("/opt/anti-mag-cds/current/", "755 root root"),
        ("/etc/anti-mag-cds", "750 root cds"),
        ("/etc/anti-mag-cds/site.toml", "640 root cds"),
        ("/etc/anti-mag-cds/environment", "600 root root"),
        ("/var/lib/anti-mag-cds", "700 cds cds"),
        ("/var/lib/anti-mag-cds/audit.jsonl", "600 cds cds"),
        ("/etc/nginx/cds/key.pem", "600 root root"),
        ("/var/backups/anti-mag-cds", "700 root root"),
    ],
)
def test_a_file_is_for_those_whom_the_guide_names(played: Played, name: str, mode: str) -> None:
    assert played.server.said(f"stat -c '%a %U %G' {name}").strip() == mode


def test_records_go_on_in_a_new_file_and_are_verified(played: Played) -> None:
    said = played.to("logrotate --force")
    assert "audit.jsonl.1" in said
    assert "audit.jsonl:" in said


def test_prometheus_reads_the_service(played: Played) -> None:
    said = played.to("promtool check config")
    assert "10 rules found" in said
    assert '"job":"cds-service"' in said


def test_the_next_version_runs_on_migrated_tables(played: Played) -> None:
    said = played.to("CDS_VERSION=$new cds-service store migrate")
    assert '"store":"ok"' in said
    assert f"running /opt/anti-mag-cds/{NEXT}/bin/python" in said
    assert said.endswith("on tables 0002")


def test_the_way_back_leads_to_the_old_version_on_the_old_tables(played: Played) -> None:
    said = played.to("pg_restore")
    assert '"store":"ok"' in said
    assert f"running /opt/anti-mag-cds/{__version__}/bin/python" in said
    assert said.endswith("on tables 0001")


def test_the_site_file_is_taken_when_it_goes_live_and_nothing_failed_on_the_way(played: Played) -> None:
    journal = played.server.said(
        "until journalctl -u anti-mag-cds -o cat | grep 'Site file taken'; do sleep 0.2; done\n"
        "journalctl -u anti-mag-cds -o cat; systemctl is-active anti-mag-cds"
    )
    assert journal.endswith("active\n")
    assert '"failure"' not in journal
    assert '"lost"' not in journal
    assert "test-client" not in played.server.said("ls /var/lib/anti-mag-cds")


def test_the_password_of_a_database_elsewhere_stands_in_the_environment(played: Played) -> None:
    """The last of them: it changes the server."""
    elsewhere = """
        runuser -u postgres -- psql -qc "ALTER ROLE cds PASSWORD 'a-secret'"
        sed -i 's,^url = .*,url = "postgresql://cds@127.0.0.1/cds",' /etc/anti-mag-cds/site.toml
        if cds-service store migrate; then exit 1; fi
        echo PGPASSWORD=a-secret >> /etc/anti-mag-cds/environment
        cds-service store migrate
        systemctl restart anti-mag-cds
        curl --silent --fail http://127.0.0.1:8080/readyz
    """
    assert '"store":"ok"' in played.server.said(elsewhere)
