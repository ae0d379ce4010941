"""What Prometheus is told: requests, answers, and the state of the model and the show-case.

Each application has a registry of its own, so that importing does nothing and two assistants in one process do not mix.
"""

import math
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chains.reply import Event, Final, Reply
from stores.errors import StoreError

if TYPE_CHECKING:
    from services import Services

MODEL_STATES = ("off", "downloading", "loading", "ready", "failed")
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS", "PUT", "PATCH"})
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0)


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "salon_http_requests",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self._request_seconds = Histogram(
            "salon_http_request_seconds",
            "Time from a request to the end of its answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter(
            "salon_answers",
            "Answers of the assistant, by route and by whether a language model wrote any of it",
            ["route", "llm"],
            registry=self.registry,
        )
        self._answer_seconds = Histogram(
            "salon_answer_seconds",
            "Time from a message to its whole answer",
            ["llm"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._blocked = Counter(
            "salon_blocked",
            "Answers that the guard or a forbidden topic stopped",
            ["reason"],
            registry=self.registry,
        )
        self._limited = Counter(
            "salon_rate_limited",
            "Requests turned away for their number",
            ["scope"],
            registry=self.registry,
        )
        self._model = Gauge(
            "salon_model_state", "1 for the state the language model is in", ["state"], registry=self.registry
        )
        self._database = Gauge("salon_database_up", "1 while the database answers", registry=self.registry)
        self._cars = Gauge("salon_inventory_cars", "Cars of the show-case in force", registry=self.registry)
        self._rejected = Gauge(
            "salon_inventory_rejected_rows", "Rows left out of the show-case", registry=self.registry
        )
        self._stale = Gauge(
            "salon_inventory_stale", "1 while the source of cars cannot be read", registry=self.registry
        )

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request; `route` is a template, never a path with somebody's id in it."""
        self._requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def observe_reply(self, reply: Reply) -> None:
        """Count one answer of the assistant."""
        llm = str(reply.llm).lower()
        self._answers.labels(reply.route, llm).inc()
        self._answer_seconds.labels(llm).observe(reply.elapsed_ms / 1000)
        if reply.blocked:
            # A topic's name is the staff's own text and may change at will: only the kind of reason is a label.
            self._blocked.labels((reply.reason or "unknown").partition(":")[0]).inc()

    def observe_limited(self, scope: str) -> None:
        """Count one request turned away; `scope` is session or address."""
        self._limited.labels(scope).inc()

    def text(self, services: "Services") -> bytes:
        """The Prometheus text, with the state of the parts as it is now; NaN where the database does not tell."""
        for state in MODEL_STATES:
            self._model.labels(state).set(services.model.state == state)
        try:
            inventory = services.inventory.status()
        except StoreError:
            self._database.set(0)
            for gauge in (self._cars, self._rejected, self._stale):
                gauge.set(math.nan)
        else:
            self._database.set(1)
            self._cars.set(inventory.cars)
            self._rejected.set(inventory.rejected)
            self._stale.set(inventory.stale)
        return generate_latest(self.registry)


class RequestMetrics:
    """ASGI middleware that counts requests and their time by route."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500  # an error that nothing answers here becomes one further out

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_seen)
        finally:
            self._metrics.observe_request(
                scope["method"], _route(scope), status, time.perf_counter() - started
            )


class MeasuredAssistant:
    """The assistant, with every answer counted, through whichever door it was asked."""

    def __init__(self, assistant: Any, metrics: Metrics) -> None:
        self._assistant = assistant
        self._metrics = metrics

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assistant, name)

    async def stream(self, *args: Any, **kwargs: Any) -> AsyncIterator[Event]:
        """`Assistant.stream`, counted."""
        async with aclosing(self._assistant.stream(*args, **kwargs)) as events:
            async for event in events:
                if isinstance(event, Final):
                    self._metrics.observe_reply(event.reply)
                yield event

    async def answer(self, *args: Any, **kwargs: Any) -> Reply:
        """`Assistant.answer`, counted."""
        reply: Reply = await self._assistant.answer(*args, **kwargs)
        self._metrics.observe_reply(reply)
        return reply


def _route(scope: Scope) -> str:
    """The template of the route that answered; a mounted page's path; `other` where nothing did."""
    template = getattr(scope.get("route"), "path", None)
    if isinstance(template, str) and template:
        return template
    mounted: str = scope.get("root_path", "")
    return mounted or "other"
