"""What is remembered of a visitor who agreed to it: shown to whoever holds the token, and forgotten at their word."""

from fastapi import APIRouter, Depends, Response

from stores.errors import VisitorNotFound
from ui.http.deps import LanguageDep, ServicesDep, address_limited
from ui.http.schemas import VisitorOut, WishOut

router = APIRouter(prefix="/api/visitors", tags=["memory"], dependencies=[Depends(address_limited)])
_TOKEN_LENGTH = 64


@router.get("/{token}")
def visitor(token: str, services: ServicesDep, language: LanguageDep) -> VisitorOut:
    """What the visitor was looking for, the latest first: no more is remembered of anybody than this."""
    remembering = services.remembering
    wishes = remembering.wishes(_checked(token))
    return VisitorOut(
        visitor=token,
        wishes=[
            WishOut(text=remembering.in_words([wish], language), at=wish.at, cars=remembering.as_json(wish))
            for wish in wishes
        ],
    )


@router.delete("/{token}", status_code=204)
def forget_visitor(token: str, services: ServicesDep, response: Response) -> None:
    """Forget it; the token is nobody's from then on. Dialogs stay, tied to nobody.

    The header `Receipt` is the number of the receipt.
    """
    receipt = services.remembering.forget(_checked(token))
    if receipt is None:
        raise VisitorNotFound(token)
    response.headers["Receipt"] = receipt.number


def _checked(token: str) -> str:
    """A token that a store can be asked for; what cannot be one is answered like an unknown one."""
    if not 0 < len(token) <= _TOKEN_LENGTH or not token.isascii() or not token.isprintable():
        raise VisitorNotFound(token[:_TOKEN_LENGTH])
    return token
