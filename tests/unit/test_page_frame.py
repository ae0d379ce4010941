"""The document around a Gradio page: our language and head, nothing of Gradio's own, few calls open."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from ui.pages.frame import Framed, Head

HEAD = Head("ru", 'Салон "А" <b>', "О салоне", ("https://dealer.example",))
PAGE = """<!doctype html>
<html
	lang="en"
>
	<head>
		<meta charset="utf-8" />
		<meta property="og:title" content="Gradio" />
		<meta
			property="og:image"
			content="https://elsewhere.example/x.jpg"
		/>
		<meta name="twitter:card" content="summary" />
		<link rel="manifest" href="/manifest.json" />
	</head><body>Страница</body></html>"""


async def page(request: Request) -> Response:
    assert "accept-encoding" not in request.headers
    return HTMLResponse(PAGE)


async def other(request: Request) -> Response:
    return Response("other")


@pytest.fixture
def client() -> TestClient:
    routes = [
        Route("/", page),
        *(
            Route(path, other, methods=["GET", "POST"])
            for path in ("/config", "/gradio_api/upload", "/assets/a.js")
        ),
    ]
    inner = Starlette(routes=routes)
    framed = Framed(inner, path="/chat/ru", head=HEAD)
    return TestClient(Starlette(routes=[Mount("/chat/ru", framed)]))


def test_the_page_is_in_our_language_and_says_nothing_of_gradio(client: TestClient) -> None:
    text = client.get("/chat/ru/").text
    assert 'lang="ru"' in text
    assert "Gradio" not in text
    assert "elsewhere.example" not in text
    assert "manifest" not in text
    assert "Страница" in text


def test_the_head_is_escaped_and_forbids_what_is_foreign(client: TestClient) -> None:
    text = client.get("/chat/ru/").text
    assert "<title>Салон &quot;А&quot; &lt;b&gt;</title>" in text
    assert 'name="salon-embed-origins" content="https://dealer.example"' in text
    assert "default-src 'self'" in text
    assert text.index("charset") < text.index("<title>")


def test_the_length_of_the_page_is_that_of_what_is_sent(client: TestClient) -> None:
    response = client.get("/chat/ru/")
    assert int(response.headers["content-length"]) == len(response.content)


def test_a_head_request_gets_no_body(client: TestClient) -> None:
    assert client.head("/chat/ru/").content == b""


def test_assets_are_kept_by_the_browser_and_the_page_is_not(client: TestClient) -> None:
    assert "immutable" in client.get("/chat/ru/assets/a.js").headers["cache-control"]
    assert "cache-control" not in client.get("/chat/ru/config").headers
    assert "cache-control" not in client.get("/chat/ru/assets/missing.js").headers


def test_only_the_calls_of_the_page_are_open(client: TestClient) -> None:
    assert client.get("/chat/ru/config").text == "other"
    assert client.get("/chat/ru/assets/a.js").text == "other"
    assert client.post("/chat/ru/gradio_api/upload").status_code == 404
    assert client.get("/chat/ru/gradio_api/upload").status_code == 404
