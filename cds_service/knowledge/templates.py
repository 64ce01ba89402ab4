"""How long the query of a prefetch template gets on its way to a FHIR server.

Some servers and proxies refuse an address of more than 2,048 characters, and clients differ in what they escape: the
measure is the query with everything escaped, and leaves room for the server's own address.
"""

from __future__ import annotations

import re
from urllib.parse import quote

LONGEST_QUERY = 1800
"""Characters, escaped; no template of a service may give more."""
_LONGEST_ID = 64
"""Characters of an id in FHIR."""
_TOKEN = re.compile(r"\{\{.*?\}\}")


def longest_query(template: str) -> int:
    """Characters of the template's query, escaped, with the longest id in place of each token."""
    return len(quote(_TOKEN.sub("x" * _LONGEST_ID, template), safe=""))
