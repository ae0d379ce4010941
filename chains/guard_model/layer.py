"""The classifier of prompts as a layer of the guard."""

from collections.abc import Sequence

from chains.disguises import Reading
from chains.guard import Message, Verdict
from chains.guard_model.model import Belief, GuardModel

_CERTAIN = 0.9
_MOST = 6  # readings of one message that are judged; further ones are the same words in yet another spelling


class ClassifierLayer:
    """Blocks what the model believes to be an injection or a harmful request, in any reading of the message.

    Called from several threads at once.
    """

    name = "classifier"

    def __init__(self, model: GuardModel) -> None:
        self._model = model

    def check(self, message: Message) -> Verdict | None:
        """A verdict that blocks, or None."""
        return self.check_all([message])[0]

    def check_all(self, messages: Sequence[Message]) -> list[Verdict | None]:
        """The verdicts on several messages, in their order: one product for all of them."""
        judged = [
            [reading for reading in message.readings if reading.kind != "glued"][:_MOST]
            for message in messages
        ]
        beliefs = iter(self._model.believed([reading.text for some in judged for reading in some]))
        return [self._worst([(reading, next(beliefs)) for reading in some]) for some in judged]

    def _worst(self, judged: Sequence[tuple[Reading, Belief]]) -> Verdict | None:
        """The verdict on the worst reading; of what was read out of noise only what is nearly certain counts."""
        harmless = self._model.labels[-1]
        against = [
            (belief.probability, belief.label, reading.kind)
            for reading, belief in judged
            if belief.label != harmless and (reading.kind == "plain" or belief.probability >= _CERTAIN)
        ]
        if not against:
            return None
        probability, label, kind = max(against)
        return Verdict(True, label, evidence=f"{self.name}: {label} {probability:.2f} ({kind})")
