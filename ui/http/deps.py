"""What the calls need, as FastAPI dependencies: the services, the caller's language and address, the limits."""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from chains.reply import Language
from stores.errors import DialogNotFound
from ui.http.languages import language_of_request
from ui.http.limits import Limits, TrustedProxies
from ui.http.metrics import Metrics

if TYPE_CHECKING:
    from services import Services
else:
    # FastAPI reads annotations at run time, and the type of the services is no matter of this door.
    Services = Any

_SESSION_ID_LENGTH = 64


def _services(request: Request) -> Any:
    return request.app.state.services


def _limits(request: Request) -> Any:
    return request.app.state.limits


def _metrics(request: Request) -> Any:
    return request.app.state.metrics


def client_address(request: Request) -> str | None:
    """The visitor's address, past the proxies that are trusted."""
    proxies: TrustedProxies = request.app.state.proxies
    return proxies.client_address(request)


ServicesDep = Annotated[Services, Depends(_services)]
LimitsDep = Annotated[Limits, Depends(_limits)]
MetricsDep = Annotated[Metrics, Depends(_metrics)]
LanguageDep = Annotated[Language, Depends(language_of_request)]
AddressDep = Annotated[str | None, Depends(client_address)]


async def address_limited(limits: LimitsDep, address: AddressDep) -> None:
    """Count the request against its address; raises `RateLimited`."""
    limits.check_address(address)


def session_id_of(text: str) -> str:
    """A session id that a store can be asked for; what cannot be one is answered like an unknown one."""
    if not 0 < len(text) <= _SESSION_ID_LENGTH or not text.isascii() or not text.isprintable():
        raise DialogNotFound(text[:_SESSION_ID_LENGTH])
    return text
