"""`salon.toml`: what is read, and what is said when it is wrong."""

import logging
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stores.errors import ConsentOutdated, SalonFolderError
from stores.salon import load_consent, load_salon

ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"


def edit(folder: Path, old: str, new: str) -> Path:
    """Replace a line (or a part of one) of the folder's salon.toml."""
    file = folder / "salon.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_the_whole_file_is_read(salon_folder: Path) -> None:
    salon = load_salon(salon_folder)
    assert (salon.folder, salon.name, salon.brand) == (salon_folder, "Тест-Мотор", "Mercedes-Benz")
    assert (salon.legal_name, salon.inn) == ("ООО «Тест-Мотор»", "0000000000")
    assert (salon.phone, salon.email, salon.currency) == ("+7 000 000-00-07", "salon@test.example", "RUB")
    assert salon.zone == ZoneInfo("Europe/Moscow")
    assert salon.inventory.source == "inventory.csv"
    assert salon.inventory.refresh_minutes == 30
    assert salon.finance is not None
    assert (salon.finance.rate_percent, salon.finance.months) == (18.0, (12, 36, 60))
    assert salon.test_drive is not None
    assert salon.test_drive.slot_minutes == 60


def test_the_sample_salon_is_a_valid_folder() -> None:
    assert load_salon(ASSETS / "salon").name == "Звезда-Авто"


def test_optional_parts_may_be_left_out(salon_folder: Path) -> None:
    text = (salon_folder / "salon.toml").read_text(encoding="utf-8")
    text = (
        text[: text.index("[inventory]")]
        .replace('legal_name = "ООО «Тест-Мотор»"', "")
        .replace('inn      = "0000000000"', "")
    )
    (salon_folder / "salon.toml").write_text(text, encoding="utf-8")
    salon = load_salon(salon_folder)
    assert (salon.legal_name, salon.inn, salon.finance, salon.test_drive) == (None, None, None, None)
    assert (salon.inventory.source, salon.inventory.refresh_minutes) == ("inventory.csv", 30)


def test_a_byte_order_mark_does_no_harm(salon_folder: Path) -> None:
    file = salon_folder / "salon.toml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert load_salon(salon_folder).name == "Тест-Мотор"


@pytest.mark.parametrize(
    "old, new, field, said",
    [
        ('name     = "Тест-Мотор"\n', "", "name", "is missing"),
        ('phone    = "+7 000 000-00-07"\n', "", "phone", "is missing"),
        ('phone    = "+7 000 000-00-07"', "phone = 70000000007", "phone", "valid string, not 70000000007"),
        ('name     = "Тест-Мотор"', 'name = " "', "name", "at least 1 character"),
        ('"Europe/Moscow"', '"Mars/Olympus"', "timezone", "'Mars/Olympus' is no time zone"),
        ('"Europe/Moscow"', '"../../etc/passwd"', "timezone", "is no time zone"),
        ('timezone = "Europe/Moscow"\n', "", "timezone", "is missing"),
        ("rate_percent = 18", 'rate_percent = "много"', "finance.rate_percent", "valid number"),
        ("rate_percent = 18", "rate_percent = -1", "finance.rate_percent", "greater than or equal to 0"),
        (
            "down_payment_percent = 20",
            "down_payment_percent = 100",
            "finance.down_payment_percent",
            "less than 100",
        ),
        ("months = [12, 36, 60]", "months = []", "finance.months", "at least 1 item"),
        ("months = [12, 36, 60]", "months = [0]", "finance.months", "one month or more"),
        (
            "refresh_minutes = 30",
            "refresh_minutes = 0",
            "inventory.refresh_minutes",
            "greater than or equal to 1",
        ),
        ("slot_minutes = 60\n", "", "test_drive.slot_minutes", "is missing"),
        ('mon = "09:00-21:00"', 'mon = "с девяти"', "hours.mon", "'с девяти' is no opening hours"),
        ('mon = "09:00-21:00"', "mon = 9", "hours.mon", "9 is no opening hours"),
        ('mon = "09:00-21:00"', 'mon = "09:00-25:00"', "hours.mon", "a time that does not exist"),
        ('mon = "09:00-21:00"', 'mon = "09:00-09:00"', "hours.mon", "opens and closes at once"),
        ('mon = "09:00-21:00"', 'monday = "09:00-21:00"', "hours.monday", "no such weekday"),
        ('"2026-12-31"', '"31.12.2026"', "hours.except.31.12.2026", "is no date"),
        ("[inventory]\n", "[[inventory]]\n", "inventory", "must be a table"),
        ("[hours.except]\n", "except = 5\n[other]\n", "hours.except", "must be a table of dates"),
        ('source = "inventory.csv"', "source = 5", "inventory.source", "valid string"),
        (
            'source = "inventory.csv"',
            'source = "../other/inventory.csv"',
            "inventory.source",
            "outside the salon folder",
        ),
        (
            'source = "inventory.csv"',
            'source = "/etc/passwd"',
            "inventory.source",
            "outside the salon folder",
        ),
        ('source = "inventory.csv"', 'source = "sqlite:///cars.db"', "inventory.query", "needs a query"),
        (
            "[finance]",
            '[inventory.columns]\nprise = "x"\n[finance]',
            "inventory.columns",
            "'prise' is no field of a car",
        ),
        ("[finance]", "[inventory.columns]\nprice = 5\n[finance]", "inventory.columns.price", "valid string"),
        (
            "[finance]",
            '[inventory.values.state]\nx = "y"\n[finance]',
            "inventory.values",
            "'state' is no field of a car",
        ),
    ],
)
def test_what_is_wrong_is_named_with_file_and_field(
    salon_folder: Path, old: str, new: str, field: str, said: str
) -> None:
    with pytest.raises(SalonFolderError) as raised:
        load_salon(edit(salon_folder, old, new))
    sentence = str(raised.value)
    assert "salon.toml" in sentence
    assert "\n" not in sentence
    assert f"`{field}`" in sentence
    assert raised.value.field == field
    assert said in sentence


def test_hours_are_not_taken_for_closed_when_their_table_is_forgotten(salon_folder: Path) -> None:
    text = (salon_folder / "salon.toml").read_text(encoding="utf-8")
    cut = text[: text.index("[hours]")] + text[text.index("[inventory]") :]
    (salon_folder / "salon.toml").write_text(cut, encoding="utf-8")
    with pytest.raises(SalonFolderError, match="field `hours`: is missing"):
        load_salon(salon_folder)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SalonFolderError, match=r"nowhere: there is no such salon folder"):
        load_salon(tmp_path / "nowhere")
    with pytest.raises(SalonFolderError, match=r"salon\.toml: cannot be read"):
        load_salon(tmp_path)


def test_malformed_toml_is_named_with_its_line(salon_folder: Path) -> None:
    with pytest.raises(SalonFolderError, match=r"salon\.toml: is no valid TOML: .*line 3, column"):
        load_salon(edit(salon_folder, 'brand    = "Mercedes-Benz"', "brand = Mercedes"))


def test_a_file_that_is_not_utf_8_is_said_so(salon_folder: Path) -> None:
    (salon_folder / "salon.toml").write_bytes('name = "Звезда"'.encode("windows-1251"))
    with pytest.raises(SalonFolderError, match="is not UTF-8"):
        load_salon(salon_folder)


def test_a_misspelt_field_is_ignored_with_a_warning(
    salon_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        load_salon(edit(salon_folder, "legal_name =", "legalname ="))
    assert "`legalname`" in caplog.text


SOURCE = 'source = "inventory.csv"'


def with_source(folder: Path, source: str) -> Path:
    return edit(folder, SOURCE, f'source = "{source}"\nquery = "SELECT 1"')


def url_of(folder: Path, source: str, environ: dict[str, str]) -> str:
    url = load_salon(with_source(folder, source), environ).inventory.url
    assert url is not None
    return url.get_secret_value()


def test_variables_in_the_source_come_from_the_environment(salon_folder: Path) -> None:
    source = "postgresql+psycopg://${DMS_USER}:${DMS_PASSWORD}@${DMS_HOST}/cars"
    environ = {"DMS_USER": "clerk", "DMS_PASSWORD": "p@ss/wörd", "DMS_HOST": "db:5432"}
    assert (
        url_of(salon_folder, source, environ) == "postgresql+psycopg://clerk:p%40ss%2Fw%C3%B6rd@db:5432/cars"
    )


def test_the_whole_source_may_be_one_variable(salon_folder: Path) -> None:
    assert url_of(salon_folder, "${DMS_URL}", {"DMS_URL": "sqlite:///cars.db"}) == "sqlite:///cars.db"


def test_the_environment_is_read_when_the_folder_is_loaded(
    salon_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMS_PASSWORD", "later")
    url = load_salon(with_source(salon_folder, "postgresql+psycopg://u:${DMS_PASSWORD}@h/cars")).inventory.url
    assert url is not None
    assert ":later@" in url.get_secret_value()


def test_a_missing_variable_is_named(salon_folder: Path) -> None:
    with pytest.raises(SalonFolderError, match=r"inventory\.source.*DMS_PASSWORD is not set"):
        load_salon(with_source(salon_folder, "postgresql+psycopg://u:${DMS_PASSWORD}@h/cars"), {})


def test_a_secret_is_neither_in_the_salons_text_form_nor_in_its_source(salon_folder: Path) -> None:
    salon = load_salon(with_source(salon_folder, "postgresql+psycopg://u:${PW}@h/cars"), {"PW": "hunter2"})
    assert "hunter2" not in repr(salon)
    assert "hunter2" not in salon.model_dump_json()
    assert "${PW}" in salon.inventory.source


def test_a_value_mapping_may_lead_to_numbers(salon_folder: Path) -> None:
    salon = load_salon(
        edit(
            salon_folder,
            "[finance]",
            '[inventory.values.seats]\n"пять" = 5\n[finance]',
        )
    )
    assert salon.inventory.values == {"seats": {"пять": "5"}}


# --- the consent text


def test_the_standard_consent_names_the_salon(salon_folder: Path) -> None:
    salon = load_salon(salon_folder)
    for language in ("ru", "en"):
        text = load_consent(salon, ASSETS, language).text
        for fact in (salon.name, salon.legal_name, salon.inn, salon.address, salon.email, salon.phone, "90"):
            assert str(fact) in text
        assert "{" not in text


def test_what_the_salon_does_not_have_is_left_out_of_the_consent(salon_folder: Path) -> None:
    salon = load_salon(salon_folder).model_copy(update={"inn": None, "legal_name": None})
    for language in ("ru", "en"):
        text = load_consent(salon, ASSETS, language).text
        assert "ИНН" not in text
        assert "taxpayer" not in text
        assert "None" not in text
        assert "()" not in text
        assert f"{salon.name}, " in text


def test_the_version_is_that_of_the_russian_text_in_both_languages(salon_folder: Path) -> None:
    salon = load_salon(salon_folder)
    russian, english = (load_consent(salon, ASSETS, language) for language in ("ru", "en"))
    assert russian.version == english.version
    assert len(russian.version) == 12
    assert int(russian.version, 16) >= 0
    assert russian.text != english.text


def test_another_text_is_another_version(salon_folder: Path) -> None:
    salon = load_salon(salon_folder)
    moved = salon.model_copy(update={"address": "Тестоград, Новая улица, 1"})
    assert load_consent(salon, ASSETS, "ru").version != load_consent(moved, ASSETS, "ru").version
    assert (
        load_consent(salon, ASSETS, "ru").version
        != load_consent(salon, ASSETS, "ru", retention_days=30).version
    )


def test_the_folders_own_consent_wins(salon_folder: Path) -> None:
    salon = load_salon(salon_folder)
    (salon_folder / "consent.md").write_text(
        "# Согласие\n\nДаю согласие {legal_name} {на всё}.", encoding="utf-8"
    )
    own = load_consent(salon, ASSETS, "ru")
    assert own.text == "# Согласие\n\nДаю согласие ООО «Тест-Мотор» {на всё}."
    assert load_consent(salon, ASSETS, "en") == own
    (salon_folder / "consent.en.md").write_text("I agree.", encoding="utf-8")
    english = load_consent(salon, ASSETS, "en")
    assert (english.text, english.version) == ("I agree.", own.version)


def test_an_empty_consent_is_refused(salon_folder: Path) -> None:
    (salon_folder / "consent.md").write_text(" \n", encoding="utf-8")
    with pytest.raises(SalonFolderError, match=r"consent\.md: is empty"):
        load_consent(load_salon(salon_folder), ASSETS, "ru")


def test_only_the_version_in_force_is_accepted(salon_folder: Path) -> None:
    consent = load_consent(load_salon(salon_folder), ASSETS, "ru")
    consent.check(None)
    consent.check(consent.version)
    with pytest.raises(ConsentOutdated):
        consent.check("000000000000")
