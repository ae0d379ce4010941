"""What stands on the chat page: its views, one at a time visible, and their parts. Nothing is wired here."""

from dataclasses import dataclass
from html import escape
from typing import Any, Literal

import gradio as gr
from jinja2 import Environment

from ui.pages.conversation import MAX_CHARS, Conversation
from ui.pages.texts import Texts

View = Literal["opening", "chat", "callback", "rating", "done", "forget"]
NAME_CHARS, PHONE_CHARS, COMMENT_CHARS = 100, 40, 1000


@dataclass(frozen=True)
class Opening:
    """The card a visitor meets first."""

    card: gr.HTML
    consent: gr.Checkbox
    remember: gr.Checkbox
    alert: gr.HTML
    callback: gr.Button
    ask: gr.Button


@dataclass(frozen=True)
class Memory:
    """The line that says what is remembered of the visitor, above every view."""

    bar: gr.Row
    line: gr.HTML
    forget: gr.Button


@dataclass(frozen=True)
class Chat:
    """The dialog itself. `dispatch` is pressed by the page's script: it sends what the visitor has written;
    `again` takes up the offer of a greeting."""

    log: gr.HTML
    again: gr.Button
    starters: list[gr.Button]
    starters_row: gr.Row
    offer: gr.Button
    message: gr.Textbox
    outbox: gr.Textbox
    dispatch: gr.Button
    send: gr.Button
    callback: gr.Button
    end: gr.Button
    forget: gr.Button


@dataclass(frozen=True)
class CallbackForm:
    """Name, number, comment."""

    name: gr.Textbox
    phone: gr.Textbox
    comment: gr.Textbox
    alert: gr.HTML
    submit: gr.Button
    back: gr.Button


@dataclass(frozen=True)
class RatingForm:
    """The score, the recommendation, the comment."""

    csat: gr.Radio
    nps: gr.Radio
    comment: gr.Textbox
    alert: gr.HTML
    submit: gr.Button
    skip: gr.Button


@dataclass(frozen=True)
class Done:
    """The end of a dialog."""

    card: gr.HTML
    again: gr.Button


@dataclass(frozen=True)
class ForgetQuestion:
    """Are you sure?"""

    alert: gr.HTML
    yes: gr.Button
    no: gr.Button


@dataclass(frozen=True)
class Layout:
    """The parts of the page. `talk` lives on the server; `session` and `visitor` are kept by the browser."""

    blocks: gr.Blocks
    talk: gr.State
    session: gr.Textbox
    visitor: gr.Textbox
    views: dict[View, gr.Column]
    memory: Memory
    opening: Opening
    chat: Chat
    callback: CallbackForm
    rating: RatingForm
    done: Done
    forget: ForgetQuestion


def build_layout(texts: Texts, environment: Environment, *, name: str) -> Layout:
    """Lay out the page in one language. Only the opening card is shown before the page is filled."""
    with gr.Blocks(analytics_enabled=False, title=texts("page.title", name=name), fill_height=True) as blocks:
        talk = gr.State(Conversation())
        session = gr.Textbox(visible="hidden", elem_id="kept-session", label="session")
        visitor = gr.Textbox(visible="hidden", elem_id="kept-visitor", label="visitor")
        with gr.Column(elem_id="shell"):
            header = environment.get_template("header.html").render(t=texts, name=name)
            gr.HTML(header, elem_id="top", apply_default_css=False)
            memory = _memory(texts)
            views: dict[View, gr.Column] = {}
            with _view("opening", views, visible=True):
                opening = _opening(texts)
            with _view("chat", views):
                chat = _chat(texts, environment)
            with _view("callback", views):
                callback = _callback(texts)
            with _view("rating", views):
                rating = _rating(texts)
            with _view("done", views):
                done = Done(
                    card=_html(""),
                    again=gr.Button(texts("rating.again"), variant="primary", elem_id="again"),
                )
            with _view("forget", views):
                forget = _forget(texts)
    return Layout(
        blocks, talk, session, visitor, views, memory, opening, chat, callback, rating, done, forget
    )


def _view(name: View, views: dict[View, gr.Column], *, visible: bool = False) -> gr.Column:
    views[name] = gr.Column(visible=visible, elem_id=f"view-{name}", elem_classes=["view"], min_width=0)
    return views[name]


def alert(text: str = "") -> str:
    """A sentence that a screen reader says at once; the empty one takes the last away."""
    return f'<div class="alert" role="alert">{escape(text)}</div>'


def _html(value: str, **options: Any) -> gr.HTML:
    return gr.HTML(value, apply_default_css=False, **options)


def _alert() -> gr.HTML:
    return _html(alert(), elem_classes=["alert-slot"])


def _heading(title: str, intro: str = "") -> gr.HTML:
    lead = f'<p class="lead">{escape(intro)}</p>' if intro else ""
    return _html(f'<h2 tabindex="-1">{escape(title)}</h2>{lead}')


def _memory(texts: Texts) -> Memory:
    with gr.Row(visible=False, elem_id="memory") as bar:
        line = _html("", elem_id="memory-line")
        forget = gr.Button(texts("memory.forget"), elem_id="memory-forget", scale=0, min_width=0)
    return Memory(bar, line, forget)


def _opening(texts: Texts) -> Opening:
    card = _html("", elem_id="opening-card")
    consent = gr.Checkbox(False, label=texts("opening.consent_check"), elem_id="consent", container=False)
    remember = gr.Checkbox(False, label=texts("opening.remember_check"), elem_id="remember", container=False)
    alert = _alert()
    with gr.Row(elem_classes=["choices"]):
        callback = gr.Button(
            texts("opening.callback"), visible=False, elem_id="choose-callback", elem_classes=["choice"]
        )
        ask = gr.Button(texts("opening.ask"), elem_id="choose-assistant", elem_classes=["choice"])
    return Opening(card, consent, remember, alert, callback, ask)


def _chat(texts: Texts, environment: Environment) -> Chat:
    empty = environment.get_template("log.html").render(t=texts, greeting="", bubbles=[], typing=False)
    log = _html(empty, elem_id="log-slot")
    with gr.Row(elem_id="starters") as starters_row:
        again = gr.Button(
            texts("memory.again"),
            visible=False,
            elem_id="again-starter",
            elem_classes=["starter"],
            min_width=0,
        )
        starters = [
            gr.Button(text, elem_classes=["starter"], min_width=0) for text in texts.many("chat.starters")
        ]
    offer = gr.Button(texts("chat.call_me"), visible=False, elem_id="offer-callback")
    outbox = gr.Textbox(visible="hidden", elem_id="outbox", label="outbox")
    dispatch = gr.Button("dispatch", visible="hidden", elem_id="dispatch")
    with gr.Row(elem_id="composer"):
        message = gr.Textbox(
            label=texts("chat.message"),
            placeholder=texts("chat.placeholder"),
            lines=1,
            max_lines=5,
            max_length=MAX_CHARS,
            elem_id="message",
            interactive=True,
            scale=1,
            min_width=0,
            container=False,
            show_label=False,
        )
        send = gr.Button(texts("chat.send"), variant="primary", elem_id="send", scale=0, min_width=0)
    with gr.Row(elem_id="actions"):
        callback = gr.Button(texts("chat.call_me"), visible=False, elem_id="call-me", scale=0, min_width=0)
        end = gr.Button(texts("chat.end"), elem_id="end", scale=0, min_width=0)
        forget = gr.Button(texts("chat.forget"), elem_id="forget", scale=0, min_width=0)
    _html(f'<p class="offer">{escape(texts("page.offer"))}</p>', elem_id="offer-note")
    return Chat(
        log, again, starters, starters_row, offer, message, outbox, dispatch, send, callback, end, forget
    )


def _callback(texts: Texts) -> CallbackForm:
    _heading(texts("callback.title"), texts("callback.intro"))
    name = gr.Textbox(label=texts("callback.name"), max_length=NAME_CHARS, elem_id="callback-name")
    phone = gr.Textbox(
        label=texts("callback.phone"),
        info=texts("callback.phone_hint"),
        max_length=PHONE_CHARS,
        elem_id="callback-phone",
    )
    comment = gr.Textbox(
        label=texts("callback.comment"), lines=2, max_length=COMMENT_CHARS, elem_id="callback-comment"
    )
    alert = _alert()
    submit = gr.Button(texts("callback.submit"), variant="primary", elem_id="callback-submit")
    back = gr.Button(texts("callback.back"), elem_id="callback-back")
    return CallbackForm(name, phone, comment, alert, submit, back)


def _rating(texts: Texts) -> RatingForm:
    _heading(texts("rating.title"), texts("rating.intro"))
    csat = gr.Radio(
        [str(score) for score in range(1, 11)],
        label=texts("rating.csat"),
        elem_id="csat",
        elem_classes=["scale"],
    )
    nps = gr.Radio(
        [str(score) for score in range(11)], label=texts("rating.nps"), elem_id="nps", elem_classes=["scale"]
    )
    comment = gr.Textbox(
        label=texts("rating.comment"), lines=2, max_length=COMMENT_CHARS, elem_id="rating-comment"
    )
    alert = _alert()
    submit = gr.Button(texts("rating.submit"), variant="primary", elem_id="rating-submit")
    skip = gr.Button(texts("rating.skip"), elem_id="rating-skip")
    return RatingForm(csat, nps, comment, alert, submit, skip)


def _forget(texts: Texts) -> ForgetQuestion:
    _heading(texts("forget.title"), texts("forget.intro"))
    alert = _alert()
    yes = gr.Button(texts("forget.yes"), variant="stop", elem_id="forget-yes")
    no = gr.Button(texts("forget.no"), elem_id="forget-no")
    return ForgetQuestion(alert, yes, no)
