"""Buttons within HTML of our own: a list has one for each row, which Gradio's components are too heavy for."""

from typing import Any, NamedTuple

import gradio as gr

_ON_LOAD = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button[data-press]');
  if (!button || !element.contains(button)) return;
  trigger('click', { press: button.dataset.press, on: button.dataset.on || '' });
});
"""


class Press(NamedTuple):
    """A button was pressed: which one, and on what. Both come from the browser, to be looked up and not believed."""

    what: str
    on: str


def pressable(value: str = "", **options: Any) -> gr.HTML:
    """HTML whose `<button data-press="…" data-on="…">` raise its `click` event, see `press_of`."""
    return gr.HTML(value, apply_default_css=False, js_on_load=_ON_LOAD, **options)


def press_of(event: gr.EventData) -> Press:
    """Which button an event is about; an empty one where the browser sent something else."""
    data = event._data if isinstance(event._data, dict) else {}
    what, on = data.get("press"), data.get("on")
    return Press(what, on) if isinstance(what, str) and isinstance(on, str) else Press("", "")
