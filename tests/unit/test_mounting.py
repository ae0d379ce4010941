"""Pages of Gradio become applications once each."""

from typing import Any

import gradio as gr
import gradio.routes
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ui.pages.mounting import building, mount


def test_a_page_is_made_into_one_application_that_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[gr.Blocks] = []
    create = gradio.routes.App.create_app

    def counted(blocks: gr.Blocks, **options: Any) -> gradio.routes.App:
        made.append(blocks)
        return create(blocks, **options)

    monkeypatch.setattr(gradio.routes.App, "create_app", staticmethod(counted))
    with building(), gr.Blocks(analytics_enabled=False) as blocks:
        gr.HTML("<h1>Страница</h1>")
    app, route = mount(FastAPI(), blocks, "/page")
    assert made == [blocks]
    assert (route.path, blocks.app) == ("/page", route.app)
    with TestClient(app) as client:
        assert "Страница" in client.get("/page/config").text


def test_after_a_page_that_cannot_be_laid_out_gradio_is_as_it_was() -> None:
    kept = gradio.blocks.App
    with pytest.raises(ZeroDivisionError), building():
        raise ZeroDivisionError
    assert gradio.blocks.App is kept
