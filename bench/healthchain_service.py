"""A service of HealthChain, as its documentation shows one, with the rule of the floor. Runs in an environment of its
own."""

from __future__ import annotations

from healthchain.gateway import CDSHooksService, HealthChainAPI  # type: ignore[import-not-found]
from healthchain.models import CDSRequest, CDSResponse  # type: ignore[import-not-found]
from healthchain.models.responses.cdsresponse import Card  # type: ignore[import-not-found]

from bench.rule import cards

app = HealthChainAPI()
_service = CDSHooksService()


@_service.hook("patient-view", id="igm")  # type: ignore[untyped-decorator]
def igm(request: CDSRequest) -> CDSResponse:
    """The card of the rule."""
    return CDSResponse(cards=[Card(**card) for card in cards(request.prefetch)])


app.register_service(_service, path="/cds")
