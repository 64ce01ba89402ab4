"""The data files of the reader: how units, code systems, numbers and answers are spelled in the field.

Decides where they lie and that a fault in one names file, table and field (`KnowledgeBroken`, as the module that reads
it loads). What a file means is left to that module.
"""

from __future__ import annotations

from importlib import resources

from cds_service.knowledge.rows import DataFile, Row, tables_of

_FOLDER = resources.files("cds_service.fhir") / "data"


def data_of(name: str) -> Row:
    """The file `name` as one row of tables."""
    return tables_of(DataFile(name, (_FOLDER / name).read_text(encoding="utf-8")))
