"""Requests to be called, in opening hours only: what nobody can keep is not promised."""

from fastapi import APIRouter, Depends

from ui.http.deps import ServicesDep, address_limited, session_id_of
from ui.http.errors import SalonClosed
from ui.http.schemas import CallbackIn, CallbackOut

router = APIRouter(prefix="/api/callbacks", tags=["dialog"], dependencies=[Depends(address_limited)])


@router.post("", status_code=201)
def request_callback(body: CallbackIn, services: ServicesDep) -> CallbackOut:
    """Store a call-back. Unknown session 404, no telephone number 422, outside opening hours 409."""
    dialog = services.dialogs.get(session_id_of(body.session_id))
    phone = body.e164()
    if not services.salon.hours.is_open(services.clock()):
        raise SalonClosed("call-backs are taken in opening hours")
    callback_id = services.callbacks.add(
        dialog.session_id, phone=phone, name=body.name.strip(), comment=body.comment.strip()
    )
    return CallbackOut(callback_id=callback_id, phone=phone)
