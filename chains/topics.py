"""How much a section of the brochure is about the topic that a question is heard to be on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chains.intents import Prediction
from chains.retrieval import Hit
from chains.search_terms import terms
from chains.text import normalise
from stores.passages import Passage

_LEGEND = "legend:"
_HEARD = 0.1
"""The share from which on a topic counts."""
_OWN_WORDS = 3
_OWN, _OTHER = 1.0, 0.5
_BOOST = 1.0


@dataclass(frozen=True)
class Topics:
    """`words` are those of each topic, the first three its own; `classify` is the router's model, asked for titles."""

    words: Mapping[str, Sequence[str]]
    classify: Callable[[str], Prediction | None]
    _known: dict[str, Mapping[str, float]] = field(default_factory=dict)

    def ranked(self, hits: Sequence[Hit], prediction: Prediction | None) -> list[Hit]:
        """The hits anew, sections on the topics of the question first among equals, each with its `topical` share."""
        heard = shares(prediction)
        if not heard:
            return list(hits)
        rated = [hit._replace(topical=self.affinity(hit.passage, heard)) for hit in hits]
        boosted = [hit._replace(score=hit.score * (1 + _BOOST * hit.topical)) for hit in rated]
        return sorted(boosted, key=lambda hit: -hit.score)

    def affinity(self, passage: Passage, heard: Mapping[str, float]) -> float:
        """How much of what is `heard` the section is about, 0 to 1; articles are on no topic."""
        if passage.kind != "legend":
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
        label.removeprefix(_LEGEND): share
        for label, share in prediction.probabilities.items()
        if label.startswith(_LEGEND) and share >= _HEARD
    }
