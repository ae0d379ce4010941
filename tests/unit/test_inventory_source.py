"""Reading CSV and Parquet files as dealers' systems write them."""

import csv
import io
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stores.errors import InventoryUnreadable
from stores.inventory_source import SourceTable, read_source
from stores.salon import InventorySource


def read(
    tmp_path: Path, content: str | bytes, *, columns: dict[str, str] | None = None, name: str = "cars.csv"
) -> SourceTable:
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / name).write_bytes(data)
    return read_source(InventorySource(source=name, columns=columns or {}), tmp_path)


def ids(table: SourceTable) -> list[str]:
    return [row.cells["stock_id"] for row in table.rows]


TEXT = "stock_id,model,price,options\nA1,«С 180»,5 490 000,кожа;люк\nA2,E 200,6000000,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1251"])
@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_do_not_matter(
    tmp_path: Path, encoding: str, delimiter: str, newline: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=newline).writerows(csv.reader(io.StringIO(TEXT)))
    table = read(tmp_path, out.getvalue().encode(encoding))
    assert [row.cells for row in table.rows] == [
        {"stock_id": "A1", "model": "«С 180»", "price": "5 490 000", "options": "кожа;люк"},
        {"stock_id": "A2", "model": "E 200", "price": "6000000", "options": ""},
    ]
    assert [row.line for row in table.rows] == [2, 3]
    assert table.rejected == []


def test_excels_separator_line_and_empty_rows_are_no_cars(tmp_path: Path) -> None:
    table = read(
        tmp_path, "\n".join(["sep=;", "stock_id;model;price", "", "A1;C 180;1", ";;", "A2;E 200;2", ";;", ""])
    )
    assert [(row.line, row.cells["stock_id"]) for row in table.rows] == [(4, "A1"), (6, "A2")]
    assert table.rejected == []


def test_only_our_columns_and_mapped_ones_are_ever_read(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "stock_id,model,price_rub,price,purchase_price,Comment\nA1,C 180,2,1,777,тайна\n",
        columns={"price": "price_rub"},
    )
    assert table.rows[0].cells == {"stock_id": "A1", "model": "C 180", "price": "2"}


def test_a_column_mapped_to_one_field_does_not_serve_another_by_its_name(tmp_path: Path) -> None:
    table = read(tmp_path, "stock_id,class,price\nA1,C 180,1\n", columns={"model": "class"})
    assert table.rows[0].cells == {"stock_id": "A1", "model": "C 180", "price": "1"}


def test_column_names_are_found_despite_case_and_spaces(tmp_path: Path) -> None:
    table = read(
        tmp_path, "Stock_ID , MODEL,Цена  в рублях\nA1,C 180,1\n", columns={"price": "цена в рублях"}
    )
    assert table.rows[0].cells == {"stock_id": "A1", "model": "C 180", "price": "1"}


def test_missing_columns_are_named_as_the_salon_calls_them(tmp_path: Path) -> None:
    with pytest.raises(InventoryUnreadable, match=r"cars\.csv lacks the columns model, price_rub"):
        read(tmp_path, "stock_id,price\nA1,1\n", columns={"price": "price_rub"})


def test_an_optional_column_that_is_mapped_but_not_there_is_remarked(tmp_path: Path) -> None:
    table = read(tmp_path, "stock_id,model,price\nA1,C,1\n", columns={"color": "farbe"})
    assert "'farbe'" in table.remarks[0].reason
    assert ids(table) == ["A1"]


def test_rows_of_the_wrong_width_are_left_out_with_their_line(tmp_path: Path) -> None:
    table = read(tmp_path, "stock_id,model,price\nA1,C 180\nA2,C 180,1\nA3,C 180,1,2\nA4,C 180,1,,\n\nA5\n")
    assert ids(table) == ["A2", "A4"]
    assert [(row.line, row.stock_id) for row in table.rejected] == [(2, "A1"), (4, "A3"), (7, "A5")]
    assert "too few cells: 2 where the header has 3" in table.rejected[0].reason
    assert "too many cells: 4" in table.rejected[1].reason


def test_a_cell_may_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    table = read(tmp_path, 'stock_id,model,price,options\nA1,"C ""180""",1,"люк,\nкожа"\nA2,E,2,\n')
    assert table.rows[0].cells["model"] == 'C "180"'
    assert table.rows[0].cells["options"] == "люк,\nкожа"
    assert [row.line for row in table.rows] == [2, 4]


@pytest.mark.parametrize("later", ["A3,E,2,\n", 'A3,E,2,"люк;кожа"\n', 'A3,"E",2,\nA4,F,3,"x"\n'])
def test_a_quotation_mark_left_open_costs_one_row_and_not_those_after_it(tmp_path: Path, later: str) -> None:
    table = read(tmp_path, f'stock_id,model,price,options\nA1,C,1,\nA2,"C,1,люк\n{later}')
    assert ids(table)[:2] == ["A1", "A3"]
    assert [(row.line, row.stock_id) for row in table.rejected] == [(3, "A2")]
    assert "quotation mark" in table.rejected[0].reason


def test_a_quotation_mark_left_open_in_the_last_cell_costs_nothing(tmp_path: Path) -> None:
    table = read(tmp_path, 'stock_id,model,price,options\nA1,C,1,"люк\nA2,E,2,\n')
    assert [row.cells["options"] for row in table.rows] == ["люк", ""]


def test_a_quotation_mark_within_a_cell_is_a_character(tmp_path: Path) -> None:
    table = read(tmp_path, 'stock_id,model,price,options\nA1,C 12",1,"Burmester" звук\nA2,E,2,\n')
    assert ids(table) == ["A1", "A2"]
    assert table.rows[0].cells["model"] == 'C 12"'
    assert "Burmester" in table.rows[0].cells["options"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said_to_be_empty(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InventoryUnreadable, match=r"cars\.csv is empty"):
        read(tmp_path, content)


@pytest.mark.parametrize("content", [b"PK\x03\x04\x00\x00binary\x00", b"\x98\x98", bytes(range(256))])
def test_a_file_that_is_no_csv_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InventoryUnreadable, match=r"cars\.csv"):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for name in ("cars.csv", "cars.parquet"):
        with pytest.raises(InventoryUnreadable, match=rf"{name} cannot be read: No such file"):
            read_source(InventorySource(source=name), tmp_path)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InventoryUnreadable, match="cannot be read"):
        read_source(InventorySource(source="folder.csv"), tmp_path)


def test_parquet_gives_the_same_cells_with_their_types(tmp_path: Path) -> None:
    table = pyarrow.table(
        {
            "id": ["A1", "A2"],
            "model": ["C 180", "E 200"],
            "price": pyarrow.array([5490000, None], pyarrow.int64()),
            "options": [["люк", "кожа"], None],
            "purchase_price": [1, 2],
        }
    )
    pyarrow.parquet.write_table(table, tmp_path / "cars.parquet")
    read = read_source(InventorySource(source="cars.parquet", columns={"stock_id": "id"}), tmp_path)
    assert [row.cells for row in read.rows] == [
        {"stock_id": "A1", "model": "C 180", "price": 5490000, "options": ["люк", "кожа"]},
        {"stock_id": "A2", "model": "E 200", "price": None, "options": None},
    ]
    assert [row.line for row in read.rows] == [1, 2]


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InventoryUnreadable, match=r"cars\.parquet is no Parquet file"):
        read(tmp_path, "stock_id,model,price\n", name="cars.parquet")


_CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
_ROWS = st.lists(st.tuples(_CELLS, _CELLS, _CELLS), max_size=8)


@given(
    rows=_ROWS,
    delimiter=st.sampled_from([",", ";"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_csv_writer_writes_is_read_back(
    tmp_path: Path, rows: list[tuple[str, str, str]], delimiter: str, quoting: int
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=quoting)  # type: ignore[arg-type]
    writer.writerows([("stock_id", "model", "price"), *rows])
    table = read(tmp_path, out.getvalue())
    assert table.rejected == []
    expected = [row for row in rows if any(cell.strip() for cell in row)]
    assert [tuple(row.cells.values()) for row in table.rows] == expected


@given(garbage=st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_after_the_header_never_breaks_reading(tmp_path: Path, garbage: bytes) -> None:
    try:
        table = read(tmp_path, b"stock_id,model,price\nA1,C 180,1\n" + garbage)
    except InventoryUnreadable:
        return
    assert ids(table)[0] == "A1"
    lines = [row.line for row in table.rows] + [row.line for row in table.rejected]
    assert len(set(lines)) == len(lines)
