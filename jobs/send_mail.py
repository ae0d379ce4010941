"""Sends the brochures that are due, now."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings

NAME = "send-mail"
HELP = "send the brochures that visitors asked for and that are due"

ASSETS = Path(__file__).resolve().parent.parent / "assets"


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace, settings: "Settings") -> int:
    """Send. 1 when a letter was not taken, 2 when no mail server is set."""
    from chains.post import open_post
    from chains.texts import load_texts
    from parts import open_screen
    from stores.database import open_database
    from stores.knowledge import Knowledge
    from stores.legend import load_legend
    from stores.mailings import Mailings
    from stores.salon import load_salon
    from stores.sealed_rows import check_keys
    from stores.sealing import open_cipher

    salon, screen = load_salon(settings.salon), open_screen()
    legend = salon.folder / "legend.md"
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        cipher = open_cipher(settings.sealing_keys, settings.data)
        check_keys(engine, cipher)
        post = open_post(
            settings.smtp,
            settings.mail_from or salon.email,
            Mailings(engine, cipher),
            salon,
            lambda: [*screen.kept(load_legend(legend, optional=True)), *Knowledge(engine).published()],
            {"ru": load_texts(ASSETS, "ru", salon.currency), "en": load_texts(ASSETS, "en", salon.currency)},
        )
        if post is None:
            print("No mail server is set: SALON_SMTP_URL names one")
            return 2
        sent, failed = post.send_due()
    finally:
        engine.dispose()
    print(f"Letters sent: {sent}, not taken: {failed}")
    return 1 if failed else 0
