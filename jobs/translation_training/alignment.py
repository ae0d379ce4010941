"""Which words of two languages mean the same: IBM model 1 in both directions.

Brown et al., "The Mathematics of Statistical Machine Translation" (1993), section 4: expectation maximisation over
all alignments, every word of a sentence possibly coming from no word of the other. Unlike there, improbable pairs are
dropped in every round, and both directions count: a pair's likelihood is their geometric mean.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from chains.text import content_lemmas
from jobs.translation_training.data import Pair

_ROUNDS = 8
_NOTHING = "<null>"
_LONGEST = 60  # words of a sentence; those after it are left out
_DAMPING = 0.1  # added to a word's total, so that a word seen once is sure of nothing
_DROPPED = 1e-4
_LEAST, _KEPT = 0.15, 5
_RAISED = 1.5  # the damping and both directions make likelihoods small

Sentences = Sequence[tuple[Sequence[str], Sequence[str]]]
Likelihoods = dict[str, dict[str, float]]


class WordPair(NamedTuple):
    """A Russian and an English lemma with how likely they mean the same, above 0 to 1."""

    russian: str
    english: str
    likelihood: float


def learn(pairs: Iterable[Pair]) -> list[WordPair]:
    """The word pairs of parallel sentences, sorted; at most five English words for a Russian one."""
    cut = [(content_lemmas(one.russian)[:_LONGEST], content_lemmas(one.english)[:_LONGEST]) for one in pairs]
    sentences = [(russian, english) for russian, english in cut if russian and english]
    to_english = model_1(sentences)
    to_russian = model_1([(english, russian) for russian, english in sentences])
    found = []
    for russian, others in to_english.items():
        both = [
            (english, (share * to_russian.get(english, {}).get(russian, 0.0)) ** 0.5)
            for english, share in others.items()
        ]
        best = sorted(both, key=lambda one: -one[1])[:_KEPT]
        found += [
            WordPair(russian, english, round(min(1.0, likelihood * _RAISED), 2))
            for english, likelihood in best
            if likelihood >= _LEAST and russian.isalpha() and len(russian) > 1 and len(english) > 1
        ]
    return sorted(found)


def model_1(sentences: Sentences, rounds: int = _ROUNDS) -> Likelihoods:
    """For each source word (and `<null>`), how likely it is translated by each target word."""
    likely: Likelihoods = defaultdict(dict)
    for source, target in sentences:
        for one in (*source, _NOTHING):
            likely[one].update(dict.fromkeys(target, 1.0))
    likely = {one: dict.fromkeys(others, 1 / len(others)) for one, others in likely.items()}
    for _ in range(rounds):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for source, target in sentences:
            words = (*source, _NOTHING)
            for other in target:
                shares = [likely[one].get(other, 0.0) for one in words]
                total = sum(shares)
                if total:
                    for one, share in zip(words, shares, strict=True):
                        counts[one][other] += share / total
        likely = {one: _kept(others) for one, others in counts.items()}
    return likely


def _kept(counts: dict[str, float]) -> dict[str, float]:
    total = sum(counts.values()) + _DAMPING
    return {other: count / total for other, count in counts.items() if count / total > _DROPPED}
