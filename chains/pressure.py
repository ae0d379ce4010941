"""Attacks over several messages: put together from parts, or repeated.

Both are computed from the stored turns of a dialog, so that they hold in each process and after a restart.
"""

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from stores.columns import utc_now
from stores.dialogs import Dialogs, Turn

ATTACKS = ("injection", "harmful")
"""The reasons of a block that tell of an attack; a forbidden topic may be asked for in all innocence."""

WINDOW = timedelta(minutes=10)
"""So long after the last attack a dialog is as quick as any other."""

FREE = 4
"""So many attacks within the window cost nothing: people try things, and the guard may be wrong."""

_FIRST_S, _MOST_S = 5, 60

JOINED_TURNS = 4
"""So many messages before this one are read together with it."""

_PIECE_CHARACTERS = 240
_FRAGMENT_WORDS = 5  # a whole question is judged by itself; an order in pieces comes in a few words each
_ASKED = re.compile(r"[?？]\s*$")
_BUILDS = re.compile(  # what tells that more belongs to it: names for pieces, their numbers, words for putting together
    r"(?:^|\s)[a-zа-я]\w{0,8}\s*[:=]\s*[\"'«“]|\bзапомни\w*|\bremember\b|\b(?:часть|part|шаг|step|кусок|piece)\s*\d|\bпродолж\w+"
    r"|\bcontinue\b|\b(?:сложи|соедини|объедини|склей|собери|подставь|concat\w*|combine|join|put together|merge)\b"
    r"|\w\s*\+\s*[a-zа-я]\b|(?:\.\.\.|…|[:,=])\s*$",
    re.IGNORECASE,
)
_TALK = {"unknown", "smalltalk", "off_topic", None}


def pause(attacks: Sequence[datetime], now: datetime) -> int:
    """Whole seconds until a dialog may go on whose `attacks` were stopped at these moments; 0 for at once.

    After more than `FREE` of them within `WINDOW` a dialog waits for 5 s since the last, twice as long after each
    further one, a minute at the most. What lies further back than `WINDOW` counts no more.
    """
    recent = [at for at in attacks if now - at < WINDOW]
    if len(recent) <= FREE:
        return 0
    wait = float(min(_MOST_S, _FIRST_S * 2 ** (len(recent) - FREE - 1)))
    return max(0, math.ceil(wait - (now - max(recent)).total_seconds()))


class Pressure:
    """How long a dialog has to wait because of its attacks, by what is stored of it."""

    def __init__(self, dialogs: Dialogs, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._dialogs = dialogs
        self._clock = clock

    def pause_of(self, session_id: str) -> int:
        """Seconds, 0 for a dialog that may go on, or that nobody knows."""
        now = self._clock()
        return pause(self._dialogs.blocked_at(session_id, ATTACKS, since=now - WINDOW), now)


def joined(turns: Sequence[Turn], message: str) -> list[str]:
    """The visitor's last messages and this one as one text, for a guard that has let each of them pass.

    Empty when nothing belongs together: pieces are a few words and ask nothing, or say that more is to come ("a =",
    «запомни», "part 1"). A message that was stopped, and one that the salon's data answered, ends the search backwards:
    whoever asked for cars and got them was not halfway into a sentence. Pieces without spaces are glued, too.
    """
    if not _may_be_piece(message):
        return []
    pieces: list[str] = [message]
    for turn in reversed(turns[-JOINED_TURNS:]):
        if turn.blocked or turn.route not in _TALK or not _may_be_piece(turn.question):
            break
        pieces.append(turn.question)
    if len(pieces) == 1:
        return []
    pieces.reverse()
    glued = "".join(pieces) if all(" " not in piece for piece in pieces) else None
    return [" ".join(pieces), *([glued] if glued else [])]


def _may_be_piece(text: str) -> bool:
    if len(text) > _PIECE_CHARACTERS:
        return False
    return bool(_BUILDS.search(text)) or (len(text.split()) <= _FRAGMENT_WORDS and not _ASKED.search(text))
