"""What staff pages are laid out with, so that they look alike: blocks, a heading, a table, a word on what was done."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any

import gradio as gr

PRIVATE: dict[str, Any] = {"api_visibility": "private", "queue": False, "show_progress": "hidden"}
"""For the events of a page: they are no public API, and are answered at once, without a queue."""


@contextmanager
def staff_blocks(title: str) -> Iterator[gr.Blocks]:
    """The empty page: `with staff_blocks(texts("audit.title")) as blocks: …`."""
    blocks = gr.Blocks(analytics_enabled=False, title=title)
    with blocks:
        yield blocks


def heading(title: str, intro: str = "") -> gr.HTML:
    """The title of the page, and a sentence on what it is for."""
    lead = f'<p class="office-lead">{escape(intro)}</p>' if intro else ""
    return gr.HTML(f"<h1>{escape(title)}</h1>{lead}")


def said_html() -> gr.HTML:
    """Where the word on what was done stands: it stays in sight while the page is scrolled."""
    return gr.HTML(elem_classes=["office-said"])


def paging(page: int, pages: int) -> tuple[Any, Any]:
    """How the buttons to newer and older pages are on page `page`, counted from 0: nowhere to go, no buttons."""
    several = pages > 1
    return (
        gr.update(visible=several, interactive=page > 0),
        gr.update(visible=several, interactive=page + 1 < pages),
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> str:
    """A table as HTML, on a phone a card for each row. The cells are HTML: escape what people wrote.

    Without rows it is the sentence `empty`.
    """
    if not rows:
        return f'<p class="office-empty">{escape(empty)}</p>'
    labels = [escape(head) for head in heads]
    head = "".join(f'<th scope="col">{label}</th>' for label in labels)
    body = "".join(f"<tr>{_cells(labels, row)}</tr>" for row in rows)
    return (
        f'<div class="office-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _cells(labels: Sequence[str], row: Sequence[str]) -> str:
    return "".join(
        f'<td data-label="{label}">{cell}</td>' if cell and label else f"<td>{cell}</td>"
        for label, cell in zip(labels, row, strict=True)
    )


def badge(text: str, kind: str = "") -> str:
    """A short state in colour: `kind` is good, bad, new or nothing."""
    return f'<span class="office-badge {kind}">{escape(text)}</span>'


def alert(text: str = "") -> str:
    """What went wrong, as HTML that is read out at once; nothing for no text."""
    return f'<p class="office-alert" role="alert">{escape(text)}</p>' if text else ""


def done(text: str = "") -> str:
    """What was done, as HTML that is read out; nothing for no text."""
    return f'<p class="office-done" role="status">{escape(text)}</p>' if text else ""
