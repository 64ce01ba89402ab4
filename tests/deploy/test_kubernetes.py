"""What stands in deploy/kubernetes and deploy/helm is rendered, fits the schemas, and fits the service."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cds_service import __version__
from cds_service.main import configured
from cds_service.store.database import full_url
from tests.deploy.manifests import CHART, HELM, VERSIONS, by_helm, by_kustomize, faults, named, pods
from tests.docs.repository import text

needs_kubectl = pytest.mark.skipif(not shutil.which("kubectl"), reason="there is no kubectl to render with")
needs_helm = pytest.mark.skipif(not HELM, reason="there is no helm to render with (make helm builds one)")


@pytest.fixture(params=[pytest.param("kustomize", marks=needs_kubectl), pytest.param("helm", marks=needs_helm)])
def objects(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    return by_kustomize() if request.param == "kustomize" else by_helm()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_fits_the_schema_of_the_oldest_and_the_newest_kubernetes(
    objects: list[dict[str, Any]], version: str
) -> None:
    kinds = {one["kind"] for one in objects}
    wanted = {"StatefulSet", "Service", "NetworkPolicy", "PodDisruptionBudget", "Job", "ConfigMap", "Ingress"}
    assert kinds == wanted
    assert faults(objects, version) == []


def test_a_field_that_there_is_not_is_found() -> None:
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": 80}}
    assert faults([wrong], VERSIONS[0]) != []


def test_no_pod_has_more_rights_than_it_needs(objects: list[dict[str, Any]]) -> None:
    assert len(pods(objects)) == 2
    for pod in pods(objects):
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == 10001, "the user of the image"
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        [container] = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert {"requests", "limits"} == set(container["resources"])


def test_probes_ask_for_what_the_guide_says(objects: list[dict[str, Any]]) -> None:
    [container] = named(objects, "StatefulSet")["spec"]["template"]["spec"]["containers"]
    asked = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "readiness", "liveness")}
    assert asked == {"startup": "/readyz", "readiness": "/readyz", "liveness": "/healthz"}
    routes = text("docs/reference/routes.md")
    assert [path for path in asked.values() if f"`{path}`" not in routes] == []
    [port] = container["ports"]
    assert port == {"name": "http", "containerPort": 8080}, "PORT of the image"


def test_a_pod_has_time_to_be_left_alone_and_then_to_end(objects: list[dict[str, Any]]) -> None:
    pod = named(objects, "StatefulSet")["spec"]["template"]["spec"]
    waits = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert pod["terminationGracePeriodSeconds"] >= waits + _graceful_seconds() + 5


def test_every_selector_finds_the_pods_of_the_service_and_no_other(objects: list[dict[str, Any]]) -> None:
    service = named(objects, "StatefulSet")["spec"]["template"]["metadata"]["labels"]
    migration = named(objects, "Job", "anti-mag-cds-migration")["spec"]["template"]["metadata"]["labels"]
    selectors = [
        named(objects, "Service")["spec"]["selector"],
        named(objects, "Service", "anti-mag-cds-instances")["spec"]["selector"],
        named(objects, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
        named(objects, "StatefulSet")["spec"]["selector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= service.items()
        assert not selector.items() <= migration.items()
    guarded = named(objects, "NetworkPolicy")["spec"]["podSelector"]["matchLabels"]
    assert guarded.items() <= service.items()
    assert guarded.items() <= migration.items()


def test_what_a_pod_mounts_and_reads_is_there(objects: list[dict[str, Any]]) -> None:
    maps = {one["metadata"]["name"] for one in objects if one["kind"] == "ConfigMap"}
    claims = {claim["metadata"]["name"] for claim in named(objects, "StatefulSet")["spec"]["volumeClaimTemplates"]}
    for pod in pods(objects):
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        [container] = pod["containers"]
        assert {mount["name"] for mount in container["volumeMounts"]} <= set(volumes) | claims
        assert volumes["site"]["configMap"]["name"] in maps
        variables = {one["name"] for one in container["env"]}
        assert variables == {"CDS_PROFILE", "CDS_CONFIG", "CDS_HASH_KEY", "PGSERVICEFILE"}
    assert "Secret" not in {one["kind"] for one in objects}, "secrets stand in no file of ours"


def test_only_what_is_for_outside_is_outside(objects: list[dict[str, Any]]) -> None:
    [rule] = named(objects, "Ingress")["spec"]["rules"]
    assert [path["path"] for path in rule["http"]["paths"]] == ["/cds-services", "/knowledge"]


def test_the_image_is_of_this_version(objects: list[dict[str, Any]]) -> None:
    assert {pod["containers"][0]["image"] for pod in pods(objects)} == {f"anti-mag-cds:{__version__}"}
    assert re.findall(r"^(?:version|appVersion): (.*)$", text(f"{CHART}/Chart.yaml"), re.MULTILINE) == [__version__] * 2


def test_the_example_of_a_site_is_sound(tmp_path: Path) -> None:
    site = text("deploy/kubernetes/overlays/hospital/site.toml")
    file = tmp_path / "site.toml"
    file.write_text(site.replace("/data/", f"{tmp_path}/"))
    read, _ = configured(str(file), "production")
    assert full_url(read.store.url) == "postgresql+psycopg:///?service=cds"
    ingress = text("deploy/kubernetes/overlays/hospital/ingress.yaml")
    assert f"host: {urlsplit(read.service.base_url).hostname}\n" in ingress


@needs_kubectl
@needs_helm
@pytest.mark.parametrize("kind", ["StatefulSet", "Service", "NetworkPolicy", "PodDisruptionBudget", "Ingress"])
def test_kustomize_and_helm_make_the_same(kind: str) -> None:
    ours, theirs = named(by_kustomize(), kind), named(by_helm(), kind)
    assert _without_names_of_settings(ours["spec"]) == _without_names_of_settings(theirs["spec"])


@needs_helm
def test_the_chart_asks_for_the_sites_file() -> None:
    with pytest.raises(AssertionError, match="site is empty"):
        by_helm(site="/dev/null")


def _without_names_of_settings(spec: dict[str, Any]) -> dict[str, Any]:
    """Kustomize writes a sum of the site's file into the name of its ConfigMap, the chart into an annotation; and it
    labels the claims too."""
    pod = spec.get("template", {})
    pod.get("metadata", {}).pop("annotations", None)
    for claim in spec.get("volumeClaimTemplates", []):
        claim["metadata"].pop("labels", None)
    for volume in pod.get("spec", {}).get("volumes", []):
        volume.pop("configMap", None)
    return spec


def _graceful_seconds() -> int:
    """As gunicorn is set up. Read, since to import that file is to begin a run of the server."""
    (found,) = re.findall(r"^graceful_timeout = (\d+)$", text("cds_service/web/gunicorn_conf.py"), re.MULTILINE)
    return int(found)
