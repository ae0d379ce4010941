"""For operators: can it answer, and how is it doing."""

import logging

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from stores.errors import StoreError
from ui.http.deps import MetricsDep, ServicesDep
from ui.http.schemas import HealthOut, InventoryHealth, ModelHealth, WikiHealth

router = APIRouter(tags=["operation"])
log = logging.getLogger(__name__)


@router.get("/health", responses={503: {"model": HealthOut, "description": "It cannot answer."}})
def health(services: ServicesDep, response: Response) -> HealthOut:
    """Whether the assistant can answer, and the state of its parts. A model that is not ready is no reason for 503."""
    model = services.model
    llm = ModelHealth(mode=model.mode, model=model.model, state=model.state)
    wiki = WikiHealth(passages=sum(passage.kind == "wiki" for passage in services.retriever.passages))
    try:
        inventory = InventoryHealth.model_validate(services.inventory.status())
    except StoreError as error:
        log.warning("health: the show-case cannot be read: %s", error)
        response.status_code = 503
        nothing = InventoryHealth(version=0, cars=0, rejected=0, refreshed_at=None, stale=True)
        return HealthOut(status="unavailable", llm=llm, inventory=nothing, wiki=wiki)
    if not inventory.version:
        response.status_code = 503
    return HealthOut(
        status="ok" if inventory.version else "unavailable", llm=llm, inventory=inventory, wiki=wiki
    )


@router.get("/metrics", response_class=Response)
def metrics(services: ServicesDep, metrics: MetricsDep) -> Response:
    """The counters, as Prometheus text."""
    return Response(metrics.text(services), media_type=CONTENT_TYPE_LATEST)
