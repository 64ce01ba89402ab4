"""The floor to measure against: a Flask route that parses the body with orjson and applies one rule.

With BENCH_KEYS it verifies the caller's token first, as strictly as PyJWT does by itself. It checks nothing else,
remembers nothing, logs nothing, and reads no more of FHIR than its rule needs: what the service costs above it is what
reading, deciding, explaining and writing down cost.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import jwt
import orjson
from flask import Flask, Response, request

from bench.rule import cards

AUDIENCE = "https://bench.example.org/floor"
_KEYS = {
    key["kid"]: jwt.PyJWK(key)
    for key in (json.loads(Path(os.environ["BENCH_KEYS"]).read_text())["keys"] if "BENCH_KEYS" in os.environ else ())
}

app = Flask(__name__)


@app.post("/floor")
def answer() -> Response:
    """The card of the rule, for whoever calls."""
    if _KEYS:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        key = _KEYS[jwt.get_unverified_header(token)["kid"]]
        jwt.decode(token, key, audience=AUDIENCE)
    call = orjson.loads(request.get_data(cache=False))
    return Response(orjson.dumps({"cards": cards(call["prefetch"])}), mimetype="application/json")
