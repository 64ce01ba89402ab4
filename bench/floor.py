"""The floor to measure against: a Flask route that parses the body with orjson and returns one fixed card.

It reads no FHIR and decides nothing. What the service costs above it is what reading, deciding and explaining cost.
"""

from __future__ import annotations

import orjson
from flask import Flask, Response, request

_CARD = {
    "uuid": "4e0a3a1e-3283-4575-ab82-028d55fe2719",
    "summary": "A fixed card",
    "indicator": "info",
    "detail": "This card is the same for every patient.",
    "source": {"label": "Benchmark", "url": "https://example.org/"},
}

app = Flask(__name__)


@app.post("/floor")
def answer() -> Response:
    """Parse the body, ignore it, return the card."""
    orjson.loads(request.get_data(cache=False))
    return Response(orjson.dumps({"cards": [_CARD]}), mimetype="application/json")
