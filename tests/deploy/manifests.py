"""Kubernetes objects as kubectl and Helm render them from deploy/, and what a schema says of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from typing import Any

import kubernetes_validate
import yaml

from tests.docs.repository import ROOT

OVERLAY = "deploy/kubernetes/overlays/hospital"
CHART = "deploy/helm/anti-mag-cds"
HELM = shutil.which("helm") or shutil.which("helm", path=str(ROOT / ".helm"))
"""That of the machine, else what `make helm` built."""
VERSIONS = ("1.30", kubernetes_validate.latest_version())
"""The oldest Kubernetes that has what we use, and the newest that there are schemas of."""


def by_kustomize() -> list[dict[str, Any]]:
    return _objects(_said_by("kubectl", "kustomize", OVERLAY))


def by_helm(site: str = f"{OVERLAY}/site.toml") -> list[dict[str, Any]]:
    """With the names of the overlay, and its settings."""
    assert HELM
    given = (f"--set-file=site={site}", "--set=host=cds.hospital.example.org", "--namespace=cds")
    return _objects(_said_by(HELM, "template", "anti-mag-cds", CHART, "--kube-version=v1.30.0", *given))


def faults(objects: Iterable[dict[str, Any]], version: str) -> list[str]:
    """What the schemas of a Kubernetes find, unknown fields included."""
    found = []
    for one in objects:
        try:
            kubernetes_validate.validate(one, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            found.append(f"{one['kind']}: {'.'.join(map(str, error.path))}: {error.message}")
    return found


def named(objects: Iterable[dict[str, Any]], kind: str, name: str = "anti-mag-cds") -> dict[str, Any]:
    [found] = [one for one in objects if one["kind"] == kind and one["metadata"]["name"] == name]
    return found


def pods(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The specification of every pod that something here makes."""
    return [one["spec"]["template"]["spec"] for one in objects if one["kind"] in ("StatefulSet", "Job")]


def _objects(said: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(said) if one]


def _said_by(*command: str) -> str:
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
