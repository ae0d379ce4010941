"""What was crawled becomes what the assistant knows, while it runs."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from chains.refreshing import Refreshed
from jobs.__main__ import main
from services import Services
from settings import ROOT
from stores.corpora import Sources
from stores.errors import CorpusUnusable
from tests.integration.crawl_server import Web, html, serving

HEAD = "url,context,status\n"
WIPER = "https://forum.example/wipers"
Index = Callable[..., tuple[int, list[str]]]


def corpus(path: Path, **texts: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f'https://forum.example/{name},"{text}",Ok' for name, text in texts.items()]
    path.write_text(HEAD + "\n".join([*rows, "https://forum.example/x,,Error", ""]), encoding="utf-8")
    return path


@pytest.fixture
def index(salon_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Index:
    def run(*options: str) -> tuple[int, list[str]]:
        code = main(["index", "--salon", str(salon_folder), "--data", str(tmp_path / "data"), *options])
        return code, capsys.readouterr().out.splitlines()

    return run


def test_only_what_is_new_or_changed_is_embedded_and_the_second_run_does_nothing(
    index: Index, tmp_path: Path
) -> None:
    file = corpus(
        tmp_path / "data" / "crawl" / "keywords.csv", a="Про щётки.", b="Про коврики.", c="Про масло."
    )
    code, said = index()
    assert code == 0
    assert said == ["Corpus crawl: 3 articles", "Passages: 8 added, 0 changed, 0 removed, 0 unchanged"]
    assert index()[1][1] == "Passages: 0 added, 0 changed, 0 removed, 8 unchanged"
    corpus(file, a="Про щётки.", b="Про новые коврики.", d="Про шины.")
    assert index()[1][1] == "Passages: 1 added, 1 changed, 1 removed, 6 unchanged"
    corpus(tmp_path / "forum.csv", e="Про свет.")
    assert index("--from", str(tmp_path / "forum.csv"))[1] == [
        "Corpus forum: 1 articles",
        "Passages: 1 added, 0 changed, 0 removed, 8 unchanged",
    ]
    assert index("--remove", "crawl")[1] == [
        "Corpus crawl: removed",
        "Passages: 0 added, 0 changed, 3 removed, 6 unchanged",
    ]


def test_without_a_crawl_what_is_known_is_brought_up_to_date(index: Index) -> None:
    code, said = index()
    assert code == 0
    assert said[-1] == "Passages: 5 added, 0 changed, 0 removed, 0 unchanged"


@pytest.mark.parametrize(
    "content, reason",
    [
        (HEAD + "https://a.example/,,Error\n", "no article"),
        ("a,b\n1,2\n", "the header lacks"),
        ("", "no article"),
        (HEAD + 'ftp://a.example/,"Текст",Ok\n', "not a web address"),
    ],
)
def test_a_corpus_without_articles_is_refused_and_the_older_one_stays(
    tmp_path: Path, salon_folder: Path, content: str, reason: str
) -> None:
    sources = Sources(salon_folder, tmp_path / "data")
    sources.put("forum", corpus(tmp_path / "good.csv", a="Про щётки."))
    before = sources.load(), sources.marks()
    bad = tmp_path / "bad.csv"
    bad.write_text(content, encoding="utf-8")
    with pytest.raises(CorpusUnusable, match=reason):
        sources.put("forum", bad)
    with pytest.raises(CorpusUnusable):
        sources.put("forum", tmp_path / "none.csv")
    assert (sources.load(), sources.marks()) == before


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x" * 99])
def test_a_name_that_leads_out_of_the_folder_is_none(tmp_path: Path, salon_folder: Path, name: str) -> None:
    sources = Sources(salon_folder, tmp_path / "data")
    with pytest.raises(CorpusUnusable, match="not the name"):
        sources.put(name, corpus(tmp_path / "good.csv", a="Про щётки."))


def test_what_the_salon_folder_says_of_an_address_goes_before_what_was_crawled(
    tmp_path: Path, salon_folder: Path
) -> None:
    corpus(salon_folder / "wiki" / "own.csv", a="Наш собственный текст.")
    sources = Sources(salon_folder, tmp_path / "data")
    sources.put("forum", corpus(tmp_path / "c.csv", a="Чужой текст.", b="Другой текст."))
    texts = {passage.text for passage in sources.load()}
    assert {"Наш собственный текст.", "Другой текст."} <= texts
    assert "Чужой текст." not in texts


def test_a_running_assistant_knows_a_crawled_page_without_a_restart(
    own_services: Services, tmp_path: Path, salon_folder: Path
) -> None:
    """The crawl and the index are processes of their own, as an operator starts them beside the app."""
    web = Web()
    with serving(web):
        web.pages["/wipers"] = html(
            "<nav>Меню</nav><h1>Дворники зимой</h1><p>На Мерседесе щётки стеклоочистителя меняют каждую осень: "
            "замёрзшая резина оставляет полосы.</p>"
        )
        where = ["--salon", str(salon_folder), "--data", str(tmp_path / "data")]
        crawl = ["crawl", *where, "--seed", f"{web.base}/wipers", "--rate", "0"]
        for command in (crawl, ["index", *where]):
            done = subprocess.run(
                [sys.executable, "-m", "jobs", *command],
                cwd=ROOT,
                env={**os.environ, "SALON_LLM": "off"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    question = "Когда меняют щётки стеклоочистителя?"
    assert not any("резина" in hit.passage.text for hit in own_services.retriever.search(question))
    assert own_services.refreshing.if_changed() == Refreshed(added=1, changed=0, removed=0, unchanged=5)
    assert own_services.vectors.error is None
    hit = own_services.retriever.search(question)[0]
    assert (hit.passage.title, hit.passage.url) == ("Дворники зимой", f"{web.base}/wipers")
    assert own_services.refreshing.if_changed() is None


@pytest.mark.anyio
async def test_a_crawled_page_is_answered_from_with_its_address_as_the_source(
    own_services: Services, tmp_path: Path
) -> None:
    text = "Щётки стеклоочистителя на Мерседесе меняют каждую осень: замёрзшая резина оставляет полосы на стекле."
    own_services.refreshing.sources.put("forum", corpus(tmp_path / "c.csv", wipers=f"Дворники зимой\n{text}"))
    own_services.refreshing.if_changed()
    consent = own_services.consent("ru")
    dialog = own_services.dialogs.open(
        kind="web", language="ru", consent=consent, address=None, remember=False, visitor=None
    )
    at = datetime.fromisoformat("2026-11-20T12:00:00+03:00")
    reply = await own_services.assistant.answer(
        dialog.session_id, "Когда меняют щётки стеклоочистителя?", at=at
    )
    assert "осень" in reply.answer
    assert WIPER in [source.url for source in reply.sources]


def test_what_vanishes_is_no_longer_found_and_an_edited_brochure_is(
    own_services: Services, tmp_path: Path, salon_folder: Path
) -> None:
    own_services.refreshing.sources.put("forum", corpus(tmp_path / "c.csv", a="Про щётки."))
    own_services.refreshing.if_changed()
    own_services.refreshing.sources.remove("forum")
    with (salon_folder / "legend.md").open("a", encoding="utf-8") as file:
        file.write("\n## Есть ли у вас кофе?\n\nДа, кофе и чай для гостей бесплатны.\n")
    assert own_services.refreshing.if_changed() == Refreshed(added=1, changed=0, removed=1, unchanged=5)
    assert own_services.retriever.search("А кофе у вас есть?")[0].passage.title == "Есть ли у вас кофе?"
    assert own_services.retriever.search("Про щётки") == []
