"""The bill of materials (SBOM), in the JSON of CycloneDX 1.6: the service and what it is installed with.

It holds no time and no random number but what it is told, so that the same lock gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import Distribution
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

from release.locked import licence, normal

_LICENCES = LicenseFactory()


def bill(name: str, version: str, service_licence: str, packages: Sequence[Distribution], made: datetime) -> str:
    """The bill of release VERSION of the service, which asks for every one of `packages`, or for one that does."""
    service = _component(name, version, service_licence, ComponentType.APPLICATION)
    parts = {normal(one.metadata["Name"]): _of(one) for one in packages}
    made_of = sorted(f"{part.name}=={part.version}" for part in parts.values())
    bom = Bom(components=parts.values(), serial_number=uuid5(NAMESPACE_URL, " ".join([name, version, *made_of])))
    bom.metadata.timestamp = made
    bom.metadata.component = service
    needed = set()
    for one in packages:
        asked = {parts[other] for other in _asked_by(one) if other in parts}
        needed |= asked
        bom.register_dependency(parts[normal(one.metadata["Name"])], sorted(asked))
    bom.register_dependency(service, sorted(set(parts.values()) - needed))
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _of(package: Distribution) -> Component:
    name = normal(package.metadata["Name"])
    return _component(name, package.version, licence(package), ComponentType.LIBRARY)


def _component(name: str, version: str, said: str, kind: ComponentType) -> Component:
    address = PackageURL("pypi", name=name, version=version)
    licences = [_LICENCES.make_from_string(said, license_text=None)]
    return Component(name=name, version=version, type=kind, purl=address, bom_ref=str(address), licenses=licences)


def _asked_by(package: Distribution) -> set[str]:
    """The names of what it asks for, whatever the system and extra: what is not installed is no part of the bill."""
    return {normal(Requirement(line).name) for line in package.requires or []}
