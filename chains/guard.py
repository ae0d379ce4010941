"""May this message be answered, and may this answer be shown?

A message passes layers in their order: rules against injection and harm, then the forbidden topics that admins edit.
A layer that knows nothing against it says None. Another layer, a trained classifier for instance, is one more object
in the list. Ordinary questions of customers must pass: see `tests/unit/test_guard.py` for what that means.
"""

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol, runtime_checkable

from chains.answer_guard import AnswerGuard, AnswerVerdict
from chains.disguises import Reading, readings, warm_up
from chains.patterns import RuleBook, load_rules
from chains.reply import Language
from chains.text import normalise
from chains.topic_guard import SentenceVectors, Topic, TopicLayer, TopicSource

_INPUT_RULES = ("injection.toml", "harmful.toml")
_OUTPUT_RULES = ("output.toml",)
_CERTAIN = 0.7  # from which probability of harm on a sentence of the salon's own model is held back


class Verdict(NamedTuple):
    """What the guard thinks.

    `reason` is `injection`, `harmful`, `harmful_answer` or `forbidden:<topic>`, None when not blocked. `stub` is the
    topic's own answer, None where the standard text for the reason holds. `evidence` says for staff which layer
    and rule decided.
    """

    blocked: bool = False
    reason: str | None = None
    stub: str | None = None
    evidence: str = ""


PASSED = Verdict()


class Message(NamedTuple):
    """What a layer judges: the text as it came, its language, and every way to read it (the plain one first)."""

    text: str
    language: Language
    readings: Sequence[Reading]


def message_of(text: str, language: Language) -> Message:
    """A text as it came, made ready to be judged."""
    return Message(text, language, readings(text))


class Layer(Protocol):
    """One judge of messages. Called from several threads at once."""

    name: str

    def check(self, message: Message) -> Verdict | None:
        """A verdict that blocks, or None."""


@runtime_checkable
class BatchLayer(Protocol):
    """A layer that judges many messages at once quicker than one by one."""

    def check_all(self, messages: Sequence[Message]) -> list[Verdict | None]:
        """What `check` says of each, in their order."""


class RuleLayer:
    """Rules over lemmas and patterns over letters, on every reading of the message."""

    name = "rules"

    def __init__(self, rules: RuleBook) -> None:
        self._rules = rules

    def check(self, message: Message) -> Verdict | None:
        """The first rule that any reading fulfils."""
        for reading in message.readings:
            rule = self._rules.first(reading.text, glued=reading.kind == "glued")
            if rule:
                return Verdict(True, rule.reason, evidence=f"{self.name}: {rule.name} ({reading.kind})")
        return None


class ForbiddenTopics:
    """The forbidden topics in force, as a layer."""

    name = "topics"

    def __init__(self, topics: TopicLayer) -> None:
        self._topics = topics

    def check(self, message: Message) -> Verdict | None:
        """The first topic that the message is about; an English question gets the standard English answer."""
        for reading in message.readings:
            found = self._topics.topic_of(reading.text) if reading.kind == "plain" else None
            if found:
                stub = found.topic.stub if message.language == "ru" else None
                return Verdict(
                    True, f"forbidden:{found.topic.name}", stub or None, f"{self.name}: {found.why}"
                )
        return None


class Guard:
    """The judge of messages and answers.

    `folder` holds the rules (`assets/guard`); `topics` gives the forbidden topics in force at each call; `vectors`
    compares questions with the topics' examples, which are not used without it; `prompts` are the texts of the
    prompts, which no answer may recite; `further` layers are asked last; `own_words` are what the salon's cars are
    called.
    """

    def __init__(
        self,
        topics: TopicSource,
        folder: Path,
        *,
        vectors: SentenceVectors | None = None,
        prompts: Sequence[str] = (),
        further: Sequence[Layer] = (),
        own_words: Collection[str] = (),
    ) -> None:
        warm_up()
        self._recogniser = TopicLayer(topics, folder / "ordinary.toml", vectors, own_words)
        self._topics = ForbiddenTopics(self._recogniser)
        self.layers: tuple[Layer, ...] = (
            RuleLayer(load_rules(folder / name for name in _INPUT_RULES)),
            self._topics,
            *further,
        )
        self._output = load_rules(folder / name for name in _OUTPUT_RULES)
        self._answers = AnswerGuard(folder, prompts)

    def check_input(self, text: str, language: Language) -> Verdict:
        """Whether a visitor's message (any client's text, `system` included) may be answered."""
        message = message_of(text, language)
        for layer in self.layers:
            verdict = layer.check(message)
            if verdict:
                return verdict
        return PASSED

    def check_joined(self, texts: Iterable[str], language: Language) -> Verdict:
        """Whether messages put together (`chains.pressure.joined`) order what none of them does alone.

        Judged by the rules, and for injection only: two harmless questions side by side share many a word with harm.
        """
        rules = self.layers[0]
        for text in texts:
            verdict = rules.check(message_of(text, language))
            if verdict and verdict.reason == "injection":
                return verdict._replace(evidence=f"{verdict.evidence}, over several messages")
        return PASSED

    def check_inputs(self, messages: Iterable[tuple[str, Language]]) -> list[Verdict]:
        """The verdicts on many messages with their languages, in order: as `check_input`, quicker by the hundred."""
        made = [message_of(text, language) for text, language in messages]
        verdicts: list[Verdict | None] = [None] * len(made)
        for layer in self.layers:
            left = [place for place, verdict in enumerate(verdicts) if verdict is None]
            own = [made[place] for place in left]
            found = layer.check_all(own) if isinstance(layer, BatchLayer) else map(layer.check, own)
            for place, verdict in zip(left, found, strict=True):
                verdicts[place] = verdict
        return [verdict or PASSED for verdict in verdicts]

    def judge_of(self, topics: Sequence[Topic]) -> "ForbiddenTopics":
        """What these topics would forbid, were they in force."""
        return ForbiddenTopics(self._recogniser.with_topics(topics))

    def check_sentence(self, sentence: str, language: Language) -> Verdict:
        """Whether a sentence that a model made is on a forbidden topic, whatever the question was."""
        return self._topics.check(message_of(sentence, language)) or PASSED

    def judge_answer(self, question: str, answer: str) -> AnswerVerdict:
        """Whether an answer, whoever wrote it, harms and whether it refuses."""
        return self._answers.judge_answer(question, answer)

    def judge_answers(self, pairs: Iterable[tuple[str, str]]) -> Sequence[AnswerVerdict]:
        """The same for many pairs of question and answer, in their order."""
        return self._answers.judge_answers(pairs)

    def check_words(self, answer: str) -> Verdict:
        """Whether an answer's words break a rule of what may be shown, whatever was asked."""
        rule = self._output.first(normalise(answer))
        return Verdict(True, rule.reason, evidence=f"output: {rule.name}") if rule else PASSED

    def check_output(self, answer: str, question: str) -> Verdict:
        """Whether the answer so far may be shown; what the visitor said himself is no leak."""
        if (broken := self.check_words(answer)).blocked:
            return broken
        if leak := self._answers.leak_in(answer, question):
            return Verdict(True, "injection", evidence=f"output: {leak}")
        verdict = self._answers.judge_answer(question, answer)
        if verdict.harm_score >= _CERTAIN and verdict.themes:  # the question alone harms nobody
            return Verdict(True, "harmful_answer", evidence=f"output: {verdict.evidence}")
        return PASSED
