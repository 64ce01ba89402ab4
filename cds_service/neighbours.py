"""Whether the packages that stand beside the engine are its own.

The knowledge and the examples have names that other projects may use too. Where such a package comes first in the
search path, or ours was overwritten, the service must not start: it would run foreign code, or end in a traceback.
Which packages there are is said by `cds_service.main`, which asks before it imports them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

_FOLDER = Path(__file__).resolve().parents[1]
"""Where the packages of one installation lie side by side."""
_ADVICE = "Install this service in an environment of its own."


def stranger(package: str, part: str, *, optional: bool = False) -> str:
    """One sentence where `package`, of which `part` is a module, is not ours; "" where it is, or is `optional` and not
    there at all. Imports nothing."""
    found = find_spec(package)
    if found is None and optional:
        return ""
    places = [Path(place).resolve() for place in (found and found.submodule_search_locations) or ()]
    ours = _FOLDER / package
    if ours in places[:1] and ((ours / part).is_dir() or (ours / f"{part}.py").is_file()):
        return ""
    where = places[0] if places else (found and found.origin) or "nowhere"
    return f"The package {package} that Python finds ({where}) is not the one that belongs to this service. {_ADVICE}"
