import logging
from pathlib import Path

import pytest

from stores.errors import SalonFolderError
from stores.legend import load_legend

BROCHURE = """# Салон «Пример»

Мы рады гостям.

## Часы работы
С 9 до 21.

### По праздникам
Короче.

## Гарантия
<!-- для редакторов -->
Два года.

```
## это не заголовок
```

## Гарантия
Ещё раз о ней.
"""


@pytest.fixture
def brochure(tmp_path: Path) -> Path:
    path = tmp_path / "legend.md"
    path.write_text(BROCHURE, encoding="utf-8")
    return path


def test_every_section_is_a_passage_and_the_preamble_has_the_files_title(brochure: Path) -> None:
    passages = load_legend(brochure)
    assert [(passage.id, passage.title) for passage in passages] == [
        ("legend:салон-пример", "Салон «Пример»"),
        ("legend:часы-работы", "Часы работы"),
        ("legend:гарантия", "Гарантия"),
        ("legend:гарантия-2", "Гарантия"),
    ]
    assert passages[0].text == "Мы рады гостям."
    assert passages[1].text == "С 9 до 21.\n\n### По праздникам\nКороче."
    assert "редакторов" not in passages[2].text
    assert "## это не заголовок" in passages[2].text
    assert {passage.kind for passage in passages} == {"legend"}
    assert {passage.language for passage in passages} == {"ru"}


def test_a_line_below_a_paragraph_makes_no_heading(tmp_path: Path) -> None:
    path = tmp_path / "legend.md"
    path.write_text("## Цены\nЦены честные.\n---\nИ это тоже.\n", encoding="utf-8")
    assert [passage.title for passage in load_legend(path)] == ["Цены"]


def test_a_brochure_may_be_in_windows_1251_which_is_told_or_have_a_byte_order_mark(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for encoding in ("cp1251", "utf-8-sig"):
        path = tmp_path / f"{encoding}.md"
        path.write_text("## Адрес\nМосква\n", encoding=encoding)
        assert [(passage.title, passage.text) for passage in load_legend(path)] == [("Адрес", "Москва")]
    (told,) = caplog.messages
    assert "cp1251.md is not in UTF-8" in told


def test_an_english_section_says_so(tmp_path: Path) -> None:
    path = tmp_path / "legend.md"
    path.write_text("## Address\nFirst Street\n", encoding="utf-8")
    assert load_legend(path)[0].language == "en"


def test_a_heading_without_text_is_left_out_with_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "legend.md"
    path.write_text("## Адрес\nМосква\n\n## Пусто\n\n## Цены\nРазные\n", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert [passage.title for passage in load_legend(path)] == ["Адрес", "Цены"]
    assert "Пусто" in caplog.text


@pytest.mark.parametrize("content", [None, "", "# Только заголовок\n"])
def test_a_missing_or_empty_brochure_is_an_error_that_names_the_file_unless_it_is_optional(
    tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "legend.md"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(SalonFolderError, match=r"legend\.md"):
        load_legend(path)
    assert load_legend(path, optional=True) == []


def test_a_very_long_heading_gets_a_short_id_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "legend.md"
    same = "очень " * 20
    path.write_text(f"## {same} раз\nодин\n## {same} два\nдва\n", encoding="utf-8")
    ids = [passage.id for passage in load_legend(path)]
    assert len(set(ids)) == 2
    assert all(len(found) < 80 for found in ids)
