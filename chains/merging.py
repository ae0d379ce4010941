"""Several drafts, one for each question of a message, made into one answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chains.reply import Draft, Source

_MINOR = {"smalltalk", "off_topic", "unknown"}


def merge(drafts: Sequence[Draft]) -> Draft:
    """One draft of one or more: the texts one under another, every source once.

    The route is that of the first draft which answers anything; `cars` and `cars_total` are those of the first that
    has any. A single draft keeps its prompt; of several the computed wording stands, since a model worded only one.
    Small talk is left out beside an answer; of small talk alone that stays which tells facts. Raises ValueError for
    no drafts.
    """
    if not drafts:
        raise ValueError("there is nothing to merge")
    state: dict[str, Any] = {}
    for draft in drafts:
        state |= draft.state
    kept = [draft for draft in drafts if draft.route != "smalltalk"] or [
        next((draft for draft in drafts if draft.facts), drafts[0])
    ]
    if len(kept) == 1:
        return replace(kept[0], state=state)
    leading = next((draft for draft in kept if draft.route not in _MINOR), kept[0])
    with_cars = next((draft for draft in kept if draft.cars or draft.cars_total), leading)
    return Draft(
        route=leading.route,
        text="\n\n".join(dict.fromkeys(draft.text for draft in kept)),
        facts=tuple(fact for draft in kept for fact in draft.facts),
        sources=_sources(kept),
        cars=with_cars.cars,
        cars_total=with_cars.cars_total,
        notices=tuple(dict.fromkeys(notice for draft in kept for notice in draft.notices)),
        state=state,
    )


def _sources(drafts: Sequence[Draft]) -> tuple[Source, ...]:
    by_ref = {
        (source.kind, source.ref): source for draft in reversed(drafts) for source in reversed(draft.sources)
    }
    ordered = dict.fromkeys((source.kind, source.ref) for draft in drafts for source in draft.sources)
    return tuple(by_ref[key] for key in ordered)
