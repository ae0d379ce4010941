"""The trained router: its artefact, its data, and how it does on messages that were held out of its training."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from chains.embeddings import Embedder
from chains.intents import feature_names, load_model, plain_words, vector_of
from chains.router import fired_patterns, load_patterns
from chains.synonyms import load_synonyms
from chains.translations import load_translations
from jobs.router_training.data import filled, folds_of, groups_of, load_messages
from jobs.router_training.report import route_of

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MODEL = load_model(ASSETS / "router" / "model.npz")
TRAINING = load_messages(ASSETS / "router" / "messages.csv")
HELD_OUT = load_messages(ASSETS / "router" / "held_out.csv")


def test_the_model_knows_the_labels_of_its_data_and_the_vectors_of_this_installation() -> None:
    assert set(MODEL.labels) == {message.intent for message in TRAINING}
    assert Embedder.name == MODEL.vectors


def test_every_label_has_at_least_forty_messages_in_both_languages() -> None:
    counted = Counter(message.intent for message in TRAINING)
    assert not {label: count for label, count in counted.items() if count < 40}
    for language in ("ru", "en"):
        assert {message.intent for message in TRAINING if message.language == language} == set(counted)


def test_no_message_stands_twice_with_one_label_or_with_two() -> None:
    texts = Counter(message.text.casefold().rstrip("?!. ") or message.text for message in TRAINING)
    assert not {text: count for text, count in texts.items() if count > 1}


def test_no_message_is_trained_on_and_held_out() -> None:
    assert not {message.text for message in TRAINING} & {message.text for message in HELD_OUT}


def test_messages_that_were_held_out_are_mostly_understood() -> None:
    patterns, synonyms = load_patterns(ASSETS / "router.toml"), load_synonyms(ASSETS / "synonyms.toml")
    translations, vectors = load_translations(ASSETS / "translations"), Embedder()
    right = 0
    for turn, message in enumerate(HELD_OUT):
        text = filled(message.text, turn)
        plain = plain_words(text, None, lambda word: word == "xotherx")
        names = feature_names(text, plain, fired_patterns(patterns, text), synonyms)
        found = MODEL.predict(names, vector_of(plain, vectors, translations))
        assert sum(found.probabilities.values()) == pytest.approx(1, abs=1e-3)
        right += route_of(found.best()) == route_of(message.intent)
    assert right / len(HELD_OUT) >= 0.75


def test_messages_that_are_alike_share_a_fold() -> None:
    texts = [
        "есть ли у вас парковка",
        "есть у вас парковка",
        "сколько стоит доставка",
        "во сколько вы закрываетесь",
    ]
    groups = groups_of(texts)
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3
    folds = folds_of(groups, ["a", "a", "b", "b"], 2)
    assert folds[0] == folds[1]


def test_unknown_features_leave_every_label_possible() -> None:
    found = MODEL.predict({"w:неслыханное"}, np.zeros(300, dtype=np.float32))
    assert max(found.probabilities.values()) < 0.5
