"""Patients for the commands: an example by its name, a folder of one patient, or a folder of such folders.

A folder is laid out as in `fhir_examples`; what is missing in it is said in one sentence.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from cds_service.errors import RequestError
from fhir_examples.example import Call, Example, Json, load, names
from fhir_examples.request import request_of


class PatientUnusable(Exception):
    """A folder that cannot be played: a file is missing or is not what it should be."""


def patients_named(named: str) -> list[Example]:
    """The example of that name, or the patients of that folder; a sentence ends the command where there is none."""
    if named in names():
        return [load(named)]
    if not Path(named).is_dir():
        hint = "there is no such folder" if os.sep in named else "see cds-service try --list"
        raise click.ClickException(f"There is no example {named!r}; {hint}.")
    found = folders_in(Path(named))
    if not found:
        raise click.ClickException(f"{named} holds no patients: a patient is a folder with a bundle.json.")
    try:
        return [patient_in(folder) for folder in found]
    except PatientUnusable as fault:
        raise click.ClickException(str(fault)) from None


def folders_in(directory: Path) -> list[Path]:
    """The folders of patients in a directory, or itself where it is one."""
    if (directory / "bundle.json").is_file():
        return [directory.resolve()]
    return [directory.resolve() / name for name in names(directory)]


def patient_in(folder: Path) -> Example:
    """The patient of a folder. Raises `PatientUnusable`."""
    with files_of_the_patient(folder.name):
        return load(folder.name, folder.parent)


def calls_of(patient: Example, name: str | None = None, hook: str | None = None) -> list[Call]:
    """The patient's calls of that name and hook. Ends the command with a sentence where there is none."""
    found = [call for call in patient.calls if name in (None, call.name) and hook in (None, call.hook)]
    if not found:
        listed = ", ".join(call.name for call in patient.calls)
        raise click.ClickException(f"{patient.name} has the calls {listed} only.")
    return found


def request_for(patient: Example, call: Call, templates: Mapping[str, str], today: date | None = None) -> Json:
    """The request that an EHR with this chart would send, moved to `today` where that is given.

    Raises `PatientUnusable`.
    """
    with files_of_the_patient(patient.name):
        return request_of(patient, call, templates, today)


@contextmanager
def files_of_the_patient(name: str) -> Iterator[None]:
    """Faults of a patient's files become one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise PatientUnusable(f"{name}: there is no {Path(error.filename).name}") from None
    except KeyError as error:
        raise PatientUnusable(f"{name}: a file of this patient has no {error}") from None
    except RequestError as error:
        raise PatientUnusable(f"{name}: {error}") from None
    except (ValueError, TypeError, AttributeError, OSError) as error:
        raise PatientUnusable(f"{name}: a file of this patient cannot be used: {error}") from None
