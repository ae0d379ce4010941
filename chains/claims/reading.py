"""A sentence taken apart into `Items`, reader by reader."""

from chains.claims.evidence import Evidence
from chains.claims.figures import figures_in, words_in
from chains.claims.items import Items
from chains.claims.measures import read_comparisons, read_extremes, read_figures
from chains.claims.mentions import read_mentions, with_ids
from chains.claims.traits import read_options, read_status, read_terms
from chains.vocabulary import Vocabulary


def items_of(sentence: str, evidence: Evidence, vocabulary: Vocabulary) -> Items:
    """Take a sentence apart by the cars, the numbers and the terms of the evidence and of the vocabulary."""
    items = Items(words_in(with_ids(sentence, evidence)))
    read_mentions(items, evidence, vocabulary)
    read_options(items, evidence)
    figures = figures_in(items.words, frozenset(items.used))
    items.used |= {at for figure in figures for at in range(figure.start, figure.end)}
    items.used |= {at for figure in figures if figure.bound for at in range(figure.lead, figure.start)}
    read_extremes(items)
    read_comparisons(items, figures)
    read_figures(items, figures, evidence)
    read_terms(items, vocabulary)
    read_status(items)
    return items
