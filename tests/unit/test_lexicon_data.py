"""The lexicon files hold no contradictions: within a field a word has one meaning."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from stores.lexicon import FIELDS, Field, Lexicon, fold, load_lexicon, model_tokens

ASSETS = Path(__file__).parents[2] / "assets"
COMMON = ASSETS / "lexicon.toml"
BRAND = ASSETS / "brands" / "mercedes-benz.toml"
LANGUAGES = {"ru", "en"}


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lexicon(tmp_path_factory: pytest.TempPathFactory) -> Lexicon:
    return load_lexicon(ASSETS, "Mercedes-Benz", tmp_path_factory.mktemp("salon"))


@pytest.fixture(scope="module")
def classes() -> list[dict[str, Any]]:
    return list(read(BRAND)["class"])


def test_the_common_lexicon_has_exactly_the_fields_the_program_reads() -> None:
    assert set(read(COMMON)) == set(FIELDS)


@pytest.mark.parametrize("field", FIELDS)
def test_every_code_is_titled_in_both_languages_and_has_words(field: Field) -> None:
    for code, term in read(COMMON)[field].items():
        assert code == code.lower(), code
        assert set(term["title"]) == LANGUAGES, code
        assert all(title.strip() for title in term["title"].values()), code
        assert term["words"], code


@pytest.mark.parametrize("field", FIELDS)
def test_no_word_stands_under_two_codes_of_one_field(field: Field) -> None:
    owner: dict[str, str] = {}
    for code, term in read(COMMON)[field].items():
        for word in map(fold, [*term["words"], code]):
            assert owner.setdefault(word, code) == code, f"«{word}» is {owner[word]} and {code}"


@pytest.mark.parametrize("field", FIELDS)
def test_titles_of_a_field_are_among_its_words(field: Field) -> None:
    for code, term in read(COMMON)[field].items():
        words = {fold(word) for word in term["words"]}
        assert {fold(title) for title in term["title"].values()} <= words, code


@pytest.mark.parametrize("field", FIELDS)
def test_words_meant_for_inventory_cells_only_are_words_of_the_same_code(field: Field) -> None:
    for code, term in read(COMMON)[field].items():
        assert set(term.get("cell_words", [])) <= set(term["words"]), code


@pytest.mark.parametrize(
    "field, raw, code",
    [
        ("body", "Кроссовер", "suv"),
        ("body", "внедорожник", "suv"),
        ("body", "Хетчбэк", "hatchback"),
        ("body", "Минивэн", "van"),
        ("fuel", "Бензин", "petrol"),
        ("fuel", "дизельный", "diesel"),
        ("fuel", "Подключаемый гибрид", "plugin_hybrid"),
        ("fuel", "mild hybrid", "hybrid"),
        ("drive", "полный", "awd"),
        ("drive", "Полный (4MATIC)", "awd"),
        ("drive", "задний привод", "rwd"),
        ("transmission", "АКПП", "automatic"),
        ("transmission", "9G-TRONIC", "automatic"),
        ("transmission", "робот", "robot"),
        ("color", "мокрый асфальт", "grey"),
        ("color", "Чёрный металлик", "black"),
        ("color", "белоснежный", "white"),
        ("color", "вишневый", "burgundy"),
        ("color", "obsidian black", "black"),
        ("color", "тёмно-синий", "blue"),
        ("option", "Панорамная крыша", "panorama"),
        ("option", "7 мест", "seven_seats"),
        ("option", "Подогрев задних сидений", "heated_rear_seats"),
        ("option", "искусственная кожа ARTICO", "artico"),
        ("option", "камера 360", "camera_360"),
    ],
)
def test_spellings_people_use_in_inventories_have_a_code(
    lexicon: Lexicon, field: Field, raw: str, code: str
) -> None:
    assert lexicon.code(field, raw) == code


def test_class_names_are_unique_and_every_base_is_a_class(classes: list[dict[str, Any]]) -> None:
    names = [entry["name"] for entry in classes]
    assert len(names) == len(set(names))
    assert {entry["base"] for entry in classes if "base" in entry} <= set(names)


def test_no_word_means_two_classes(classes: list[dict[str, Any]]) -> None:
    owner: dict[str, str] = {}
    for entry in classes:
        for word in map(fold, entry["words"]):
            assert owner.setdefault(word, entry["name"]) == entry["name"], word


def test_bodies_of_classes_are_codes_of_the_common_lexicon(classes: list[dict[str, Any]]) -> None:
    codes = set(read(COMMON)["body"])
    for entry in classes:
        assert entry["bodies"], entry["name"]
        assert set(entry["bodies"]) <= codes, entry["name"]


def test_every_model_begins_with_a_prefix_of_its_class(classes: list[dict[str, Any]]) -> None:
    for entry in classes:
        prefixes = [model_tokens(prefix) for prefix in entry.get("prefixes", [entry["name"]])]
        assert entry["models"], entry["name"]
        for model in entry["models"]:
            tokens = model_tokens(model)
            assert any(tokens[: len(prefix)] == prefix for prefix in prefixes), f"{entry['name']}: {model}"


def test_no_model_stands_in_two_classes(classes: list[dict[str, Any]]) -> None:
    owner: dict[tuple[str, ...], str] = {}
    for entry in classes:
        for model in entry["models"]:
            assert owner.setdefault(model_tokens(model), entry["name"]) == entry["name"], model


def test_every_model_of_the_line_up_is_found_in_its_own_class(lexicon: Lexicon) -> None:
    for car_class in lexicon.classes:
        for model in car_class.models:
            for spelling in (model, f"Mercedes-Benz {model}", model.lower()):
                assert lexicon.class_of(spelling) == car_class.name, spelling


@pytest.mark.parametrize(
    "model, name",
    [
        ("AMG G 63", "G"),
        ("Mercedes-AMG E 63 S", "E"),
        ("С 180", "C"),
        ("GLE 450 4MATIC Coupe", "GLE"),
        ("AMG GT 63 S", "AMG GT"),
        ("Mercedes-Maybach S 680", "Maybach S"),
        ("S 580 4MATIC Maybach", "Maybach S"),
        ("Maybach GLS 600 4MATIC", "Maybach GLS"),
        ("EQS 580 4MATIC SUV", "EQS SUV"),
        ("EQS 450+", "EQS"),
        ("V 300 d", "V"),
    ],
)
def test_model_names_as_dealers_write_them_find_their_class(lexicon: Lexicon, model: str, name: str) -> None:
    assert lexicon.class_of(model) == name


def test_brand_words_do_not_hide_a_class_letter(lexicon: Lexicon) -> None:
    letters = {token for word in lexicon.brand_words for token in model_tokens(word) if len(token) == 1}
    assert not letters


def test_versions_have_unique_names_and_words() -> None:
    versions = read(BRAND)["version"]
    assert len({entry["name"] for entry in versions}) == len(versions)
    owner: dict[str, str] = {}
    for entry in versions:
        for word in map(fold, entry["words"]):
            assert owner.setdefault(word, entry["name"]) == entry["name"], word
