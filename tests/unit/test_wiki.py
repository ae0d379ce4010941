from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from stores.wiki import PASSAGE_CHARACTERS, cut, load_wiki


def _folder(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    folder = tmp_path / "wiki"
    folder.mkdir(exist_ok=True)
    (folder / "pages.csv").write_text(content, encoding=encoding, newline="")
    return folder


def test_only_rows_with_status_ok_are_knowledge_and_the_others_are_counted(tmp_path: Path) -> None:
    load = load_wiki(
        _folder(
            tmp_path,
            "url,context,status\n"
            "https://wiki.example/C-Class,Седан бизнес-класса.,Ok\n"
            "https://wiki.example/a,Не про то.,No find special words\n"
            "https://wiki.example/b,,Error\n"
            "https://wiki.example/c,Другой регистр.,OK\n"
            "https://wiki.example/d,С пробелами., Ok \n",
        )
    )
    assert [passage.url for passage in load.passages] == [
        "https://wiki.example/C-Class",
        "https://wiki.example/d",
    ]
    assert load.skipped == {"No find special words": 1, "Error": 1, "OK": 1}
    assert load.articles == 2
    assert load.rejected == []


def test_the_title_is_the_first_line_or_what_the_address_says(tmp_path: Path) -> None:
    load = load_wiki(
        _folder(
            tmp_path,
            'url,context,status\nhttps://w.example/1,"# Класс CLS\nЧетырёхдверное купе.",Ok\n'
            "https://w.example/wiki/Mercedes-Benz_C-Class,Седан.,Ok\n"
            "https://w.example/polnyj-privod.html,Привод.,Ok\n",
        )
    )
    assert [(passage.title, passage.text) for passage in load.passages] == [
        ("Класс CLS", "Четырёхдверное купе."),
        ("Mercedes-Benz C-Class", "Седан."),
        ("Polnyj privod", "Привод."),
    ]


def test_semicolons_windows_1251_and_columns_in_another_order_are_read(tmp_path: Path) -> None:
    load = load_wiki(
        _folder(tmp_path, "Status;URL;Context;x\nOk;https://w.example/1;Седан, купе.;1\n", encoding="cp1251")
    )
    assert [passage.text for passage in load.passages] == ["Седан, купе."]


def test_broken_rows_are_counted_with_their_line_and_reason(tmp_path: Path) -> None:
    load = load_wiki(
        _folder(
            tmp_path,
            'url,context,status\nhttps://w.example/1,"Две\nстроки.",Ok\nhttps://w.example/2,без статуса\n'
            "https://w.example/3, ,Ok\njavascript:x,Текст.,Ok\n"
            'https://w.example/1,"Две\nстроки.",Ok\n',
        )
    )
    assert [(row.line, row.reason) for row in load.rejected] == [
        (4, "too few cells: 2"),
        (5, "no text"),
        (6, "not a web address: javascript:x"),
        (7, "the same article again"),
    ]
    assert load.articles == 1


def test_a_file_without_the_columns_is_rejected_and_the_others_load(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "url,context,status\nhttps://w.example/1,Текст.,Ok\n")
    (folder / "a.csv").write_text("link,text\n1,2\n", encoding="utf-8")
    (folder / "empty.csv").write_text("", encoding="utf-8")
    load = load_wiki(folder)
    assert [(row.file, row.reason) for row in load.rejected] == [
        ("a.csv", "the header lacks: url, context, status"),
        ("empty.csv", "the header lacks: url, context, status"),
    ]
    assert load.articles == 1


def test_a_missing_folder_gives_no_passages(tmp_path: Path) -> None:
    load = load_wiki(tmp_path / "nowhere")
    assert load.passages == []
    assert load.rejected == []


def test_a_long_article_is_cut_between_sentences_and_every_piece_keeps_title_and_address(
    tmp_path: Path,
) -> None:
    sentence = "Подвеска держит дорогу и гасит неровности. "
    load = load_wiki(
        _folder(tmp_path, f'url,context,status\nhttps://w.example/1,"Подвеска\n{sentence * 60}",Ok\n')
    )
    assert len(load.passages) == 3
    assert {passage.title for passage in load.passages} == {"Подвеска"}
    assert {passage.url for passage in load.passages} == {"https://w.example/1"}
    assert len({passage.id for passage in load.passages}) == 3
    assert all(
        passage.text.endswith(".") and len(passage.text) <= PASSAGE_CHARACTERS for passage in load.passages
    )


def test_ids_do_not_change_between_loads(tmp_path: Path) -> None:
    folder = _folder(tmp_path, "url,context,status\nhttps://w.example/1,Текст.,Ok\n")
    assert load_wiki(folder).passages == load_wiki(folder).passages


@given(st.text(alphabet="абв гд.!?\n-", max_size=400), st.integers(min_value=5, max_value=80))
def test_cutting_loses_no_letter_and_keeps_the_limit(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
