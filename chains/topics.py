"""How much a section of the brochure is about the topic that a question is heard to be on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chains.intents import Prediction
from chains.retrieval import Hit
from chains.search_terms import terms
from chains.text import normalise
from stores.passages import Passage

_KIND = "legend"
_LABELS = f"{_KIND}:"
_HEARD = 0.1
"""The share from which on a topic counts."""
_OWN_WORDS = 3
_OWN, _OTHER = 0.85, 0.4
_BOOST = 1.5
"""How much is added to the score of a section that is wholly on the topic."""
_ELSEWHERE = 0.5
"""How much is taken from one that is wholly on another topic."""
_SURELY, _CERTAINLY = 0.5, 0.85
_ADDED = 0.6
"""The share of the best score that a section on the topic is given which has no word of the question."""


@dataclass(frozen=True)
class Topics:
    """`words` are those of each topic, the first three its own; `classify` is the router's model, asked for titles."""

    words: Mapping[str, Sequence[str]]
    classify: Callable[[str], Prediction | None]
    _known: dict[str, Mapping[str, float]] = field(default_factory=dict)

    def ranked(
        self, hits: Sequence[Hit], prediction: Prediction | None, passages: Sequence[Passage]
    ) -> list[Hit]:
        """The hits anew: sections on the topics of the question come forward, those on another one stand back.

        Where the model is sure of a topic and none of the hits is on it, its best section among `passages` is one more.
        """
        heard = shares(prediction)
        if not heard:
            return list(hits)
        rated = [hit._replace(topical=self.affinity(hit.passage, heard)) for hit in hits]
        weighed = [hit._replace(score=hit.score * self._weight(hit, heard)) for hit in rated]
        needed = _SURELY if max(heard.values()) >= _CERTAINLY else _SURELY / 2
        if max(heard.values()) >= _SURELY and all(hit.topical < needed for hit in rated):
            weighed += self._unfound(heard, passages, max((hit.score for hit in hits), default=1.0))
        return sorted(weighed, key=lambda hit: -hit.score)

    def rated(self, hit: Hit, prediction: Prediction | None) -> Hit:
        """The hit with its `topical` share."""
        return hit._replace(topical=self.affinity(hit.passage, shares(prediction)))

    def _weight(self, hit: Hit, heard: Mapping[str, float]) -> float:
        if hit.passage.kind != _KIND:
            return 1.0
        about = self._about(hit.passage.title)
        other = max((share for topic, share in about.items() if topic not in heard), default=0.0)
        return 1 + _BOOST * hit.topical - _ELSEWHERE * max(0.0, other - hit.topical) * sum(heard.values())

    def _unfound(self, heard: Mapping[str, float], passages: Sequence[Passage], best: float) -> list[Hit]:
        rated = [(self.affinity(passage, heard), passage) for passage in passages]
        topical, passage = max(rated, key=lambda pair: pair[0], default=(0.0, None))
        if passage is None or topical < _SURELY:
            return []
        return [Hit(passage, best * _ADDED * (1 + _BOOST * topical), 0.0, None, topical)]

    def affinity(self, passage: Passage, heard: Mapping[str, float]) -> float:
        """How much of what is `heard` the section is about, 0 to 1; articles are on no topic."""
        if passage.kind != _KIND:
            return 0.0
        about = self._about(passage.title)
        return min(1.0, sum(share * about.get(topic, 0.0) for topic, share in heard.items()))

    def _about(self, title: str) -> Mapping[str, float]:
        """The topics of a title: those whose words it says, and what the model hears in it."""
        known = self._known.get(title)
        if known is None:
            said = set(terms(normalise(title)))
            about = shares(self.classify(title))
            for topic, words in self.words.items():
                each = [set(terms(normalise(word))) for word in words]
                own, other = set().union(*each[:_OWN_WORDS]), set().union(*each)
                share = _OWN if own & said else _OTHER if other & said else 0.0
                about[topic] = max(about.get(topic, 0.0), share)
            known = self._known[title] = about
        return known


def shares(prediction: Prediction | None) -> dict[str, float]:
    """The probability of each topic of the brochure that is worth a thought."""
    if prediction is None:
        return {}
    return {
        label.removeprefix(_LABELS): share
        for label, share in prediction.probabilities.items()
        if label.startswith(_LABELS) and share >= _HEARD
    }
