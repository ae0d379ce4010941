"""A dialog's life: opened with consent, read, ended, rated, forgotten."""

from fastapi import APIRouter, Depends, Response

from chains.errors import ConsentMissing
from ui.http.deps import AddressDep, LanguageDep, ServicesDep, address_limited, session_id_of
from ui.http.schemas import EndOut, RatingIn, RatingOut, SessionIn, SessionOut, TranscriptOut, TurnOut

router = APIRouter(prefix="/api/sessions", tags=["dialog"], dependencies=[Depends(address_limited)])


@router.post("", status_code=201)
def open_session(
    body: SessionIn, services: ServicesDep, language: LanguageDep, address: AddressDep
) -> SessionOut:
    """Open a dialog. Without consent 403; with consent to a text that is no longer in force 409."""
    if body.consent is not True:
        raise ConsentMissing("consent must be true")
    consent = services.consent(language)
    consent.check(body.consent_version)
    dialog = services.dialogs.open(
        kind="web",
        language=language,
        consent=consent,
        address=address,
        remember=body.remember,
        visitor=body.visitor,
    )
    return SessionOut.model_validate(dialog)


@router.get("/{session_id}")
def transcript(session_id: str, services: ServicesDep) -> TranscriptOut:
    """The dialog so far, to whoever holds its id."""
    session_id = session_id_of(session_id)
    dialog = services.dialogs.get(session_id)
    turns = [TurnOut.model_validate(turn) for turn in services.dialogs.turns(session_id)]
    return TranscriptOut(
        session_id=dialog.session_id,
        language=dialog.language,
        opened_at=dialog.opened_at,
        ended_at=dialog.ended_at,
        turns=turns,
    )


@router.post("/{session_id}/end")
def end_session(session_id: str, services: ServicesDep) -> EndOut:
    """End the dialog; it takes no more messages. Ending it again changes nothing."""
    services.dialogs.end(session_id_of(session_id))
    return EndOut()


@router.post("/{session_id}/rating")
def rate_session(session_id: str, body: RatingIn, services: ServicesDep) -> RatingOut:
    """Rate the dialog, once."""
    comment = services.planner.masked(body.comment)
    services.dialogs.rate(session_id_of(session_id), body.csat, body.nps, comment)
    return RatingOut(csat=body.csat, nps=body.nps, comment=comment)


@router.delete("/{session_id}", status_code=204)
def forget_session(session_id: str, services: ServicesDep, response: Response) -> None:
    """Forget the dialog and what was remembered of the visitor; the header `Receipt` is the number of the receipt."""
    receipt = services.forgetting.forget(session_id_of(session_id), cause="visitor")
    response.headers["Receipt"] = receipt.number
