"""What the page shares with the HTTP door: the same limits, and the same idea of who the visitor is."""

import gradio as gr
from fastapi import FastAPI

from ui.http.limits import Limits, TrustedProxies


class Doors:
    """The limits and proxies of the application that the pages are mounted on."""

    def __init__(self, app: FastAPI) -> None:
        self._limits: Limits = app.state.limits
        self._proxies: TrustedProxies = app.state.proxies

    def address(self, request: gr.Request) -> str | None:
        """The visitor's address, past the proxies that are trusted."""
        assert request.request is not None  # noqa: S101 - only an example run without a server has none
        return self._proxies.client_address(request.request)

    def check_address(self, request: gr.Request) -> None:
        """Count a dialog or a call-back asked for from this address; raises `RateLimited`."""
        self._limits.check_address(self.address(request))

    def check_session(self, session_id: str) -> None:
        """Count one message of a dialog; raises `RateLimited`."""
        self._limits.check_session(session_id)
