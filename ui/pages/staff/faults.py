"""What is wrong with rows of the show-case and what jobs report, in the words of staff.

The stores keep reasons as one English sentence, for the log and the terminal. A reason that is not known here is
shown as it is.
"""

import re
from collections.abc import Mapping
from typing import Any

from ui.pages.texts import Texts

_FIELD = r"(?P<field>[a-z_]+) stays empty: "
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), key)
    for pattern, key in (
        (r"its id stands in line (?P<line>\d+) already; the first row stays", "fault_twice"),
        (r"it has no id", "fault_id"),
        (r"it has no model", "fault_model"),
        (r"it has no price", "fault_price"),
        (r"its price is not above 0", "fault_price_zero"),
        (r"its price cannot be read: (?P<value>.+)", "fault_price_value"),
        (r"its status (?P<value>.+) is unknown; known are (?P<known>.+?) \(see .+\)", "fault_status"),
        (r"too (?:few|many) cells: (?P<cells>\d+) where the header has (?P<width>\d+)", "fault_cells"),
        (r"a quotation mark is opened and not closed", "fault_quote"),
        (r"there is no column (?P<value>.+) for (?P<field>[a-z_]+): the field stays empty", "fault_column"),
        (_FIELD + r"there were no cars in (?P<value>.+)", "fault_year"),
        (_FIELD + r"(?P<value>.+) is too much", "fault_much"),
        (_FIELD + r"(?P<value>.+) is no web address", "fault_url"),
        (_FIELD + r"(?P<value>.+)", "fault_field"),
    )
)
_VERDICT = re.compile(r" is (?:no number|below 0|too large)$")
_QUOTED = re.compile(r"^'(.*)'$", re.DOTALL)


def reason(text: str, texts: Texts) -> str:
    """Why a row is left out, or what stays empty in it."""
    for pattern, key in _REASONS:
        if match := pattern.fullmatch(text):
            return texts(
                f"inventory.{key}", **{name: _plain(value) for name, value in match.groupdict().items()}
            )
    return text


def _plain(value: str) -> str:
    """The cell alone of «'по запросу' is no number»; what is no quoted cell stays as it is."""
    return _QUOTED.sub(r"\1", _VERDICT.sub("", value))


def job_name(job: str, texts: Texts) -> str:
    """A job in words, with the name by which a terminal calls it where there are none."""
    try:
        return texts(f"jobs.{job.replace('-', '_')}")
    except KeyError:
        return job


def counts_of(counts: Mapping[str, Any], texts: Texts) -> str:
    """What a run counted: «машин: 246, пропущено строк: 2»."""
    return ", ".join(f"{_count_name(name, texts)}: {_count(value, texts)}" for name, value in counts.items())


def _count_name(name: str, texts: Texts) -> str:
    try:
        return texts(f"job_counts.{name}")
    except KeyError:
        return name.replace("_", " ")


def _count(value: Any, texts: Texts) -> str:
    if isinstance(value, bool):
        return texts("inventory.yes" if value else "inventory.no")
    return str(value)
