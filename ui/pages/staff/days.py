"""Days as staff write them and read them."""

import re
from datetime import date

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
SHOWN = "%d.%m.%Y"
EXAMPLE = "31.01.2026"


def day_of(text: str | None) -> date | None:
    """A day as people write it: 31.01.2026 or 2026-01-31; None for anything else."""
    text = (text or "").strip()
    dotted = _DOTTED.fullmatch(text)
    try:
        return date(int(dotted[3]), int(dotted[2]), int(dotted[1])) if dotted else date.fromisoformat(text)
    except ValueError:
        return None
