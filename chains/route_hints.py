"""What a message's words and its reading tell the router beside its patterns."""

import re

from chains.query import Reading


def explained_elsewhere(line: str) -> bool:
    """Questions around credit that the brochure answers: papers, refusals, insurance, leasing."""
    return bool(
        re.search(
            r"обеспечительн|документ|отказ|лизинг|страхов|каско|банк|trade|трейд|гражданств|возраст|documents|lease|insurance|bank",
            line,
        )
    )


_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def asks_for_stock(line: str, reading: Reading) -> bool:
    """ "What is the cheapest SUV?" begins like a question of knowledge and is one of stock. The years that a chassis
    code stands for are no wish."""
    phrasing = reading.phrasing
    asks = phrasing.ask in {"price", "count", "average"} and reading.has_constraints
    models = (
        len(reading.values.get("models", ())) > 1
    )  # «G 500 vs G 63» are cars, «C или E класс» may be ideas
    limits = any(one.kind != "year" or _YEAR.search(line) for one in reading.quantities)
    return bool(phrasing.superlative or phrasing.ordinal is not None or limits or asks or models)
