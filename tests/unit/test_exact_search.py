"""Nearest vectors in memory."""

import numpy as np

from stores.exact import ExactSearch

VECTORS = np.asarray([[2, 0], [1, 1], [0, 3], [-1, 0]], dtype=np.float32)
SEARCH = ExactSearch(["a", "b", "c", "d"], ["legend", "wiki", "wiki", "legend"], VECTORS)


def test_the_nearest_come_first_by_cosine_whatever_the_length_of_the_vectors() -> None:
    found = SEARCH.nearest([5.0, 0.0], k=3, kinds=("legend", "wiki"))
    assert [one.passage_id for one in found] == ["a", "b", "c"]
    assert np.allclose([one.similarity for one in found], [1, 2**-0.5, 0])


def test_only_the_kinds_asked_for_are_found() -> None:
    assert [one.passage_id for one in SEARCH.nearest([1.0, 0.0], k=9, kinds=("wiki",))] == ["b", "c"]
    assert SEARCH.nearest([1.0, 0.0], k=9, kinds=("news",)) == []


def test_a_question_without_known_words_is_near_to_nothing() -> None:
    assert {one.similarity for one in SEARCH.nearest([0.0, 0.0], k=4, kinds=("legend", "wiki"))} == {0.0}
