"""Knowledge gaps: questions that were not answered well, gathered, and what becomes of them."""

import pytest
from sqlalchemy import Engine

from chains.embeddings import Embedder
from chains.gaps import Clustered, cluster_gaps
from stores.dialogs import Dialogs, TurnResult
from stores.errors import NotFound
from stores.forgetting import Forgetting
from stores.gaps import GapQuestion, Gaps
from stores.knowledge import Knowledge
from stores.reviews import Reviews
from stores.sealing import Cipher
from tests.integration.stopped_clock import Clock

DOGS = ("Можно ли прийти к вам с собакой?", "А с собакой можно?", "Пустят ли в салон с собаками?")
WASH = ("Есть мойка?", "Сколько стоит мойка?")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


class Visitors:
    """Visitors who ask one question each."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.dialogs = Dialogs(engine, clock=clock)
        self.clock = clock

    def ask(self, text: str, route: str = "unknown", **more: object) -> tuple[str, str]:
        """Gives the dialog's and the turn's id."""
        self.clock.move(seconds=1)
        dialog = self.dialogs.open(
            kind="web", language="ru", consent=None, address=None, remember=False, visitor=None
        )
        turn = self.dialogs.add_question(dialog.session_id, text)
        self.dialogs.save_reply(turn, TurnResult(answer="…", route=route, **more))  # type: ignore[arg-type]
        return dialog.session_id, turn


@pytest.fixture
def visitors(engine: Engine, clock: Clock) -> Visitors:
    return Visitors(engine, clock)


@pytest.fixture
def gaps(engine: Engine, clock: Clock) -> Gaps:
    return Gaps(engine, clock=clock)


@pytest.fixture
def forgetting(engine: Engine, cipher: Cipher) -> Forgetting:
    return Forgetting(engine, cipher)


def test_questions_of_one_meaning_are_one_gap_the_most_frequent_first(
    visitors: Visitors, gaps: Gaps, embedder: Embedder
) -> None:
    for text in (WASH[0], *DOGS, WASH[1], "Do you have a car wash?"):
        visitors.ask(text)
    visitors.ask("Есть C 180?", "inventory")
    visitors.ask("???")
    assert cluster_gaps(gaps, embedder) == Clustered(questions=7, joined=0, made=3, left_out=1)
    found = [(gap.questions, {one.text for one in gaps.questions(gap.id)}) for gap in gaps.all()]
    assert found == [(3, set(DOGS)), (2, set(WASH)), (1, {"Do you have a car wash?"})]
    assert gaps.all()[0].title in DOGS
    assert cluster_gaps(gaps, embedder) == Clustered(0, 0, 0, 0)


def test_what_was_rated_low_or_called_wrong_is_a_gap_too_and_small_talk_is_none(
    engine: Engine, visitors: Visitors, gaps: Gaps, embedder: Embedder
) -> None:
    rated, _ = visitors.ask("Есть ли парковка?", "legend")
    visitors.dialogs.rate(rated, 6)
    content, _ = visitors.ask("Есть ли кафе?", "legend")
    visitors.dialogs.rate(content, 7)
    greeted, _ = visitors.ask("Здравствуйте!", "smalltalk")
    visitors.dialogs.rate(greeted, 1)
    _, turn = visitors.ask("Какая гарантия?", "legend")
    Reviews(engine).flag(turn, reason="не то", right_answer="", reviewer="anna")
    visitors.ask("Политика?", "forbidden", blocked=True, reason="forbidden:политика")
    cluster_gaps(gaps, embedder)
    why = {one.text: one.why for gap in gaps.all() for one in gaps.questions(gap.id)}
    assert why == {"Есть ли парковка?": "rated", "Какая гарантия?": "wrong"}


def test_new_questions_join_the_gap_that_there_is_whatever_became_of_it(
    visitors: Visitors, gaps: Gaps, embedder: Embedder
) -> None:
    visitors.ask(DOGS[0])
    cluster_gaps(gaps, embedder)
    (gap,) = gaps.all()
    gaps.mark(gap.id, "dismissed")
    visitors.ask(DOGS[1])
    visitors.ask(WASH[0])
    assert cluster_gaps(gaps, embedder) == Clustered(questions=2, joined=1, made=1, left_out=0)
    assert {(one.questions, one.status) for one in gaps.all()} == {(2, "dismissed"), (1, "open")}
    joined = gaps.get(gap.id)
    assert (joined.first_at, joined.title) == (gap.first_at, gap.title)
    assert joined.last_at > gap.last_at


def test_an_open_gap_goes_with_the_last_dialog_that_it_was_made_of(
    visitors: Visitors, gaps: Gaps, embedder: Embedder, forgetting: Forgetting
) -> None:
    first, _ = visitors.ask(DOGS[0])
    second, _ = visitors.ask(DOGS[1])
    cluster_gaps(gaps, embedder)
    forgetting.forget(first, cause="visitor")
    cluster_gaps(gaps, embedder)
    (gap,) = gaps.all()
    assert gap.questions == 1
    forgetting.forget(second, cause="visitor")
    cluster_gaps(gaps, embedder)
    assert gaps.all() == []
    with pytest.raises(NotFound):
        gaps.get(gap.id)


def test_an_entry_leads_its_gap_through_its_states(
    engine: Engine, visitors: Visitors, gaps: Gaps, clock: Clock, embedder: Embedder
) -> None:
    visitors.ask(DOGS[0])
    cluster_gaps(gaps, embedder)
    (gap,) = gaps.all()
    knowledge = Knowledge(engine, clock=clock)
    entry = knowledge.draft(gap.title, "Да.", author="anna", gap_id=gap.id)
    assert gaps.get(gap.id).status == "drafted"
    entry = knowledge.publish(entry.id, author="anna", seen=entry.version)
    assert (gaps.get(gap.id).status, knowledge.of_gap(gap.id)) == ("published", entry)
    clock.move(seconds=1)
    knowledge.withdraw(entry.id, author="anna", seen=entry.version)
    assert (gaps.get(gap.id).status, knowledge.of_gap(gap.id)) == ("open", None)


def test_hostile_questions_are_only_words(visitors: Visitors, gaps: Gaps, embedder: Embedder) -> None:
    hostile = "'; DROP TABLE gaps; -- <script>alert('собака')</script>"
    visitors.ask(hostile)
    cluster_gaps(gaps, embedder)
    assert gaps.all()[0].title == hostile


def test_what_is_forgotten_while_gaps_are_made_is_in_none_of_them(
    visitors: Visitors,
    gaps: Gaps,
    embedder: Embedder,
    forgetting: Forgetting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes, _ = visitors.ask(DOGS[0])
    cluster_gaps(gaps, embedder)
    visitors.ask(DOGS[1])
    seen = gaps.unsorted

    def forgotten_meanwhile(limit: int) -> list[GapQuestion]:
        batch = seen(limit)
        if any(one.text == DOGS[1] for one in batch):
            monkeypatch.setattr(gaps, "unsorted", seen)
            forgetting.forget(goes, cause="visitor")  # and with it the gap that the question would join
        return batch

    monkeypatch.setattr(gaps, "unsorted", forgotten_meanwhile)
    assert cluster_gaps(gaps, embedder) == Clustered(questions=2, joined=0, made=1, left_out=0)
    (gap,) = gaps.all()
    assert (gap.title, gap.questions) == (DOGS[1], 1)
    (question,) = gaps.questions(gap.id)
    forgetting.forget(question.session_id, cause="visitor")
    assert gaps.make(question, [question]) is None
    assert not gaps.join(gap.id, [question])
