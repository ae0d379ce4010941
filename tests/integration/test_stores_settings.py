"""Settings that staff change while the app runs, on SQLite and PostgreSQL."""

import threading

from sqlalchemy import Engine

from stores.app_settings import AppSettings


def test_a_setting_has_its_default_until_it_is_set(engine: Engine) -> None:
    settings = AppSettings(engine)
    assert settings.get("tone", "вежливый") == "вежливый"
    settings.set("tone", {"formal": True})
    assert settings.get("tone", "вежливый") == {"formal": True}
    settings.set("tone", None)
    assert settings.get("tone", "вежливый") is None


def test_two_who_set_one_new_setting_at_once_both_succeed(engine: Engine) -> None:
    settings = AppSettings(engine)
    failures: list[Exception] = []

    def put(value: int) -> None:
        try:
            settings.set("tone", value)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=put, args=(value,)) for value in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert settings.get("tone") in range(6)
