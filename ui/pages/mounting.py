"""How the pages of Gradio become applications: one for each page, with a queue that lets the processor rest."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr
import gradio.blocks
from fastapi import FastAPI
from starlette.routing import Mount

_FREE_S = 0.001
"""How often the chat's queue looks for work, Gradio's own pace: of messages that wait at the same time it begins any
first (`gradio.queueing` shuffles them), so a visitor's burst keeps its order only where each is taken at once."""
_PROGRESS_S = 0.5


class _NoApp:
    """Stands for Gradio's application while a page is laid out."""

    @staticmethod
    def create_app(*_: Any, **__: Any) -> None:
        """No application: mounting makes the one that serves."""


@contextmanager
def building() -> Iterator[None]:
    """For the time in which pages are laid out.

    Gradio makes an application of a page when its layout begins, when it ends, and when it is mounted, and only the
    last one is ever used. Each declares some eighty routes, which was most of the time that the program took to start.
    """
    module: Any = gradio.blocks
    kept, module.App = module.App, _NoApp
    try:
        yield
    finally:
        module.App = kept


def mount(
    app: FastAPI,
    blocks: gr.Blocks,
    path: str,
    *,
    free_s: float = _FREE_S,
    member: Callable[[Any], str] | None = None,
) -> tuple[FastAPI, Mount]:
    """Mount a page at `path`; the application with it, and the route, which is its last.

    `free_s` is how often its queue looks for work, in seconds; Gradio's own is a thousandth. `member` says who asks, or
    raises.
    """
    blocks._queue.sleep_when_free = free_s
    blocks._queue.progress_update_sleep_when_free = _PROGRESS_S
    app = gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        auth_dependency=member,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        max_file_size=1,
    )
    route = app.routes[-1]
    assert isinstance(route, Mount)  # noqa: S101 - what Gradio has just added
    page: Any = blocks
    page.app = route.app
    return app, route
