"""The load part of the benchmark on a real server: it measures what it says, however long that takes here."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from chains.slots import Busy
from jobs.bench.cases import load_cases
from jobs.bench.chat import CASES
from jobs.bench.load import (
    GROUPS,
    Crowd,
    Histogram,
    Load,
    Timing,
    assistant_under_load,
    chain_under_load,
    computed,
    retrieval_of,
)
from jobs.bench.report import load_json, load_table
from settings import Settings

CROWD = Crowd(visitors=4, seconds=6, pause_s=(0.05, 0.2))


@pytest.fixture(scope="module")
def load() -> Load:
    settings = Settings(_env_file=None, llm="off")
    return assistant_under_load(settings, computed(load_cases(CASES)), CROWD)


def test_every_question_of_every_visitor_is_answered(load: Load) -> None:
    assert load.errors == []
    assert len(load.answers) > CROWD.visitors
    assert {answer.group for answer in load.answers} <= {"inventory", "legend", "price", "hours"}
    assert load.unfinished <= CROWD.visitors


def test_the_servers_own_time_is_part_of_what_the_visitor_sees(load: Load) -> None:
    assert all(0 <= answer.own_ms <= answer.seen_ms + 1 for answer in load.answers)


def test_the_server_counted_the_same_requests(load: Load) -> None:
    counted = load.histogram.buckets[-1][1]
    assert len(load.answers) <= counted <= len(load.answers) + load.unfinished
    assert load.histogram.share_within(80.0) == 1.0


def test_the_table_has_every_group_and_the_plain_chain_beside_it(load: Load) -> None:
    plain = Load(answers=[Timing("inventory", 9000.0, 9000.0)], unfinished=3)
    text = load_table(CROWD, load, plain, [4.0, 5.0])
    assert "this assistant: all" in text
    assert "9,000" in text
    assert "plain chain: 0 errors, 3 unfinished" in text
    assert load_json(load, plain, [4.0])["plain"]["unfinished"] == 3


def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, llm="off", salon=tmp_path / "none")
    with pytest.raises(RuntimeError, match="did not start"):
        assistant_under_load(settings, computed(load_cases(CASES)), CROWD)


def test_the_four_kinds_are_in_the_cases() -> None:
    kinds = {case.kind for case in load_cases(CASES)}
    assert set(GROUPS) <= kinds
    assert {case.kind for case in computed(load_cases(CASES))} == set(GROUPS)


def test_the_share_within_a_bound_is_read_from_the_histogram() -> None:
    histogram = Histogram([(0.05, 90), (0.1, 95), (float("inf"), 100)])
    assert histogram.share_within(0.1) == 0.95
    assert histogram.share_within(0.07) == 0.95
    assert Histogram([]).share_within(0.1) is None


def test_the_search_of_the_plain_chain_is_timed_by_itself() -> None:
    @dataclass
    class Chain:
        asked: list[str]

        def retrieve(self, question: str) -> None:
            self.asked.append(question)

    chain = Chain([])
    cases = computed(load_cases(CASES))[:3]
    assert len(retrieval_of(chain, cases)) == 3  # type: ignore[arg-type]
    assert chain.asked == [case.question for case in cases]


def test_a_question_that_finds_no_free_slot_waits_as_a_plain_chain_would() -> None:
    class Chain:
        """Busy once for each question, then it answers."""

        def __init__(self) -> None:
            self.refused: set[str] = set()

        async def stream(self, question: str, earlier: Sequence[tuple[str, str]] = ()) -> AsyncIterator[str]:
            if question not in self.refused:
                self.refused.add(question)
                raise Busy("no free slot")
            yield f"{question} {len(earlier)}"

    load = chain_under_load(Chain(), computed(load_cases(CASES)), Crowd(2, 0.5, (0.01, 0.02)))  # type: ignore[arg-type]
    assert load.errors == []
    assert load.answers
