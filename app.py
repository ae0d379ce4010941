"""Reads the command line, opens the services, serves. Nothing else.

Exit codes: 0 after a request to stop, 2 when it cannot start; then one sentence on stderr says what and where.
"""

import argparse
import errno
import logging
import signal
import socket
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn

import uvicorn
from pydantic import ValidationError

from chains.errors import AssistantError
from settings import Settings
from stores.errors import StoreError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from services import Services

log = logging.getLogger(__name__)

CANNOT_START = 2
_GRACE_S = 10
_BACKLOG = 2048

_MODEL_LINES = {
    "off": "no language model, answers come from data",
    "downloading": "the language model is being downloaded; until it joins, answers come from data",
    "loading": "the language model is being loaded; until it joins, answers come from data",
    "ready": "the language model is ready",
    "failed": "the language model failed to start; answers come from data",
}


class StartError(Exception):
    """The assistant cannot start; the message is the one sentence for the operator."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise StartError(f"{message} (see {self.prog} --help)")


def read_settings(arguments: Sequence[str]) -> Settings:
    """The settings in force: options over environment over `.env`; raises `StartError` naming a wrong one."""
    parser = _Parser(
        prog="app.py",
        description="The assistant of a car salon: chat, widget and HTTP interface.",
        epilog="Every option is also an environment variable (SALON_PORT, SALON_DB, …) and may stand in .env.",
        argument_default=argparse.SUPPRESS,
        allow_abbrev=False,
    )
    parser.add_argument("--salon", metavar="DIR", help="the salon folder (default: assets/salon)")
    parser.add_argument("--data", metavar="DIR", help="the folder of all state (default: var)")
    parser.add_argument("--host", metavar="ADDRESS", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument(
        "--port", metavar="PORT", help="port to listen on, 0 for any free one (default: 7860)"
    )
    parser.add_argument("--db", metavar="URL", help="SQLAlchemy URL (default: SQLite in the data folder)")
    parser.add_argument(
        "--llm",
        metavar="auto|off|URL",
        help="embedded model, none, or an OpenAI-compatible server (default: auto)",
    )
    parser.add_argument("--llm-model", metavar="NAME", help="which model, of the registry or of the server")
    parser.add_argument("--log-level", metavar="LEVEL", help="debug, info, warning or error (default: info)")
    try:
        return Settings(**vars(parser.parse_args(arguments)))
    except ValidationError as error:
        faults = "; ".join(f"{_setting(item['loc'])}: {_fault(item['msg'])}" for item in error.errors())
        raise StartError(f"setting {faults}") from error
    except (ValueError, OSError) as error:
        raise StartError(f"the settings cannot be read: {error}") from error


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to the address, not listening yet: who asks too early is refused, not left waiting."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise StartError(
            f"host {host!r} cannot be resolved: name an address of this machine with --host"
        ) from error
    family, kind, protocol, _, address = found[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def open_application(settings: Settings) -> tuple["FastAPI", "Services"]:
    """The application over its opened services; raises `StartError` with the reason why not."""
    # These take seconds to import: a wrong setting or a busy port is told before.
    from services import open_services
    from ui.web import check_settings, create_app

    try:
        check_settings(settings)
    except ValueError as error:
        raise StartError(f"setting {error}") from error
    try:
        services = open_services(settings)
    except (StoreError, AssistantError, ValueError) as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"{error.filename or settings.data}: {error.strerror or error}") from error
    return create_app(services), services


class _Server(uvicorn.Server):
    """Uvicorn, saying where it is once it answers."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            print(self._greeting, flush=True)


def serve(settings: Settings) -> None:
    """Serve until asked to stop (SIGTERM, SIGINT); answers under way get some seconds to finish."""
    with bind(settings.host, settings.port) as listener:
        app, services = open_application(settings)
        port = listener.getsockname()[1]
        try:
            listener.listen(_BACKLOG)
        except OSError as error:
            services.close()
            raise _cannot_listen(settings.host, port, error) from error
        greeting = (
            f"{services.salon.name}: {_url(settings.host, port)} ({_MODEL_LINES[services.model.state]})"
        )
        if token := services.accounts.first_link():
            site = settings.public_url or _url(settings.host, port)
            link = f"{site.rstrip('/')}/staff/setup/{token}"
            greeting += (
                f"\nThe back office has no account yet; this link makes the first one, within a day: {link}"
            )
        config = uvicorn.Config(
            app,
            # An access log would keep session ids, and a session id is all it takes to read a dialog.
            access_log=False,
            log_config=None,
            # Whose X-Forwarded-For is believed is decided in ui/http/limits.py.
            proxy_headers=False,
            server_header=False,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_GRACE_S,
        )
        _Server(config, greeting).run(sockets=[listener])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    try:
        settings = read_settings(sys.argv[1:] if arguments is None else arguments)
        _log_to_stderr(settings.log_level)
        serve(settings)
    except StartError as error:
        log.debug("the start failed", exc_info=True)
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return CANNOT_START
    return 0


def _log_to_stderr(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr
    )
    for handler in logging.getLogger().handlers:
        handler.setLevel(level.upper())  # for libraries that give themselves a level of their own
    if level.lower() != "debug":
        for chatty in (
            "alembic",
            "apscheduler",
            "chromadb",
            "httpcore",
            "httpx",
            "httpx2",
            "presidio-analyzer",
            "pymorphy3",
            "uvicorn",
        ):
            logging.getLogger(chatty).setLevel(logging.WARNING)


def _setting(location: Sequence[str | int]) -> str:
    name = str(location[0]) if location else "?"
    options = ("salon", "data", "host", "port", "db", "llm", "llm_model", "log_level")
    variable = f"SALON_{name.upper()}"
    return f"{name} (--{name.replace('_', '-')}, {variable})" if name in options else f"{name} ({variable})"


def _fault(message: str) -> str:
    text = message.removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _cannot_listen(host: str, port: int, error: OSError) -> StartError:
    where = f"port {port} of {host}"
    if error.errno == errno.EADDRINUSE:
        return StartError(f"{where} is in use already: stop what listens there or choose another with --port")
    if error.errno == errno.EADDRNOTAVAIL:
        return StartError(f"{host} is no address of this machine: choose another with --host")
    return StartError(f"cannot listen on {where}: {error.strerror or error}")


def _url(host: str, port: int) -> str:
    shown = "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 - a comparison, not a binding
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # uvicorn sends itself the signal again once it is done
    sys.exit(main())
