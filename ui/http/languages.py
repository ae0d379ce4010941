"""Which of our languages a visitor reads, from the browser's own words."""

from starlette.requests import Request

from chains.reply import Language

DEFAULT: Language = "ru"


def language_of_header(accept_language: str | None) -> Language:
    """The language that an `Accept-Language` header likes best; Russian when it names none of ours.

    Ranges are compared by their first subtag (`en-GB` is English); a weight of 0 rules a language out, and of equal
    weights the one named first wins (RFC 9110, 12.5.4). What cannot be read is passed over.
    """
    best: Language = DEFAULT
    best_weight = 0.0
    for item in (accept_language or "").split(","):
        tag, _, parameter = item.partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(parameter)
        if weight <= best_weight:
            continue
        if primary == "en":
            best, best_weight = "en", weight
        elif primary == "ru":
            best, best_weight = "ru", weight
    return best


def language_of_request(request: Request) -> Language:
    """The language to answer a request in."""
    return language_of_header(request.headers.get("accept-language"))


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
