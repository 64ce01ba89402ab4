"""deploy/compose.yaml fits the compose specification and the service, and its parts do what it counts on."""

from __future__ import annotations

import importlib.util
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from cryptography import x509

from cds_service import __version__
from tests.docs.repository import ROOT, text

FILE = "deploy/compose.yaml"
COMPOSE: dict[str, Any] = yaml.safe_load(text(FILE))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SITE = '[service]\nbase_url = "https://cds.hospital.example.org/cds"\n'

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx")
needs_promtool = pytest.mark.skipif(not shutil.which("promtool"), reason="there is no promtool (Debian: prometheus)")


def test_it_fits_the_compose_specification(tmp_path: Path) -> None:
    assert _fits(ROOT / FILE)
    wrong = tmp_path / "compose.yaml"
    wrong.write_text(text(FILE).replace("read_only: true", "readonly: true"))
    assert not _fits(wrong)


@pytest.mark.parametrize("name", SERVICES)
def test_every_container_has_a_root_that_is_read_only_and_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")


def test_the_service_itself_has_no_rights_at_all_and_no_door_but_nginx() -> None:
    assert "cap_add" not in SERVICES["service"]
    assert "user" not in SERVICES["service"], "that of the image"
    doors = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert doors == {"nginx": ["443:8443"], "prometheus": ["127.0.0.1:9090:9090"]}


def test_the_database_is_reached_by_the_service_and_the_migration_alone() -> None:
    assert {name for name, service in SERVICES.items() if "store" in service.get("networks", [])} == {
        "service", "migration", "database",
    }  # fmt: skip
    assert COMPOSE["networks"]["store"] == {"internal": True}


def test_the_migration_is_done_before_the_service_starts_and_the_database_before_it() -> None:
    assert SERVICES["migration"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert SERVICES["service"]["depends_on"] == {"migration": {"condition": "service_completed_successfully"}}
    assert SERVICES["migration"]["restart"] == "no"


def test_whatever_a_container_names_is_declared_and_lies_where_it_is_said() -> None:
    for kind in ("configs", "secrets"):
        named = {item["source"] if isinstance(item, dict) else item
                 for service in SERVICES.values() for item in service.get(kind, [])}  # fmt: skip
        assert named == set(COMPOSE[kind])
    assert [
        item["file"] for item in COMPOSE["configs"].values() if not (ROOT / "deploy" / item["file"]).is_file()
    ] == []
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in volumes if not name.startswith("$")} == set(COMPOSE["volumes"])
    networks = {network for service in SERVICES.values() for network in service.get("networks", [])}
    assert networks == set(COMPOSE["networks"])


def test_no_secret_stands_in_the_environment() -> None:
    variables = {name for service in SERVICES.values() for name in service.get("environment", {})}
    assert {name for name in variables if re.search("PASSWORD|KEY|SECRET", name)} == {"POSTGRES_PASSWORD_FILE"}


def test_the_image_is_of_this_version_and_its_health_is_asked_for_where_it_is_told() -> None:
    images = {service["image"] for service in SERVICES.values() if service["image"].startswith("anti-mag-cds")}
    assert images == {f"anti-mag-cds:{__version__}"}
    asked = " ".join(SERVICES["service"]["healthcheck"]["test"])
    [path] = re.findall(r"http://127\.0\.0\.1:8080(/\w+)", asked)
    assert f"`{path}`" in text("docs/reference/routes.md")


@pytest.fixture
def certificates() -> ModuleType:
    spec = importlib.util.spec_from_file_location("certificate", ROOT / "deploy" / "compose" / "certificate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("base", "name"),
    [("https://cds.example.org/cds", x509.DNSName("cds.example.org")), ("https://10.0.0.7", "10.0.0.7")],
)
def test_a_certificate_is_made_for_the_host_of_the_site(
    certificates: ModuleType, tmp_path: Path, base: str, name: object
) -> None:
    site = tmp_path / "site.toml"
    site.write_text(f'[service]\nbase_url = "{base}"\n')
    certificates.main(site, tmp_path)
    made = x509.load_pem_x509_certificate((tmp_path / "cert.pem").read_bytes())
    [said] = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert said == name or str(said.value) == name
    assert (tmp_path / "key.pem").stat().st_mode & 0o777 == 0o600
    ssl.create_default_context().load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")


def test_a_certificate_that_is_there_stays(certificates: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("the hospital's own")
    certificates.main(tmp_path / "none.toml", tmp_path)
    assert (tmp_path / "cert.pem").read_text() == "the hospital's own"
    assert not (tmp_path / "key.pem").exists()


def test_a_site_without_an_address_gets_a_sentence(certificates: ModuleType, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("")
    with pytest.raises(SystemExit, match="base_url names no host"):
        certificates.main(site, tmp_path)


@needs_nginx
def test_nginx_takes_its_file_and_the_certificate(certificates: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text(SITE)
    certificates.main(tmp_path / "site.toml", tmp_path)
    server = (
        text("deploy/compose/nginx.conf").replace("/etc/nginx/cds", str(tmp_path)).replace("service:", "127.0.0.1:")
    )
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{server}}}\n")
    ended = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr


def test_nginx_is_set_up_as_the_one_without_containers() -> None:
    alone, ours = _directives("deploy/nginx/cds.conf"), _directives("deploy/compose/nginx.conf")
    of_the_place = re.compile("listen|server_name|ssl_certificate|location")
    assert len(alone) > 15
    assert {line for line in alone - ours if not of_the_place.match(line)} == set()


@needs_promtool
def test_prometheus_takes_its_file_and_asks_the_service(tmp_path: Path) -> None:
    said = text("deploy/compose/prometheus.yml").replace("/etc/prometheus", str(ROOT / "deploy" / "prometheus"))
    (tmp_path / "prometheus.yml").write_text(said)
    ended = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yml")], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    [job] = yaml.safe_load(said)["scrape_configs"]
    assert job["job_name"] == "cds-service", "the alerts go by it"
    assert job["static_configs"] == [{"targets": ["service:8080"]}]
    assert "metrics" in set(SERVICES["service"]["networks"]) & set(SERVICES["prometheus"]["networks"])


def _directives(file: str) -> set[str]:
    lines = [line.split("#")[0] for line in text(file).splitlines()]
    return {re.sub(r"\s+", " ", line.strip()) for line in lines if ";" in line}


def _fits(file: Path) -> bool:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
