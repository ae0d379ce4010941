"""An OpenAI-compatible server that can be told to misbehave, and be killed: `python fake_openai.py PORT JSON`.

Only what stands outside our program is made up here: a foreign model server. It prints a line once it listens.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Behaviour:
    """What the server says; `end` is how a streamed answer ends: well, cut, unfinished, error or garbage."""

    models: list[str] = field(default_factory=lambda: ["fake-1"])
    pieces: list[str] = field(default_factory=lambda: ["Да, ", "тест-драйв ", "доступен."])
    pause_s: float = 0.0
    end: str = "well"
    status: int = 200  # of streamed answers; the one token that proves readiness is always given
    key: str | None = None


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self._known():
            self._json(200, {"object": "list", "data": [{"id": name} for name in self.behaviour.models]})

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._known():
            return
        if not request.get("stream"):
            self._json(200, self._answer(message={"role": "assistant", "content": "1"}))
        elif self.behaviour.status != 200:
            self._json(self.behaviour.status, {"error": {"message": "no, thank you"}})
        else:
            self._stream()

    def _known(self) -> bool:
        if self.behaviour.key and self.headers["Authorization"] != f"Bearer {self.behaviour.key}":
            self._json(401, {"error": {"message": "wrong key"}})
            return False
        return True

    def _answer(self, finish: str | None = "stop", **choice: Any) -> dict[str, Any]:
        choices = [{"index": 0, "finish_reason": finish, **choice}]
        return {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "fake-1",
            "choices": choices,
        }

    def _json(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        for piece in self.behaviour.pieces:
            self._event(json.dumps(self._answer(finish=None, delta={"content": piece})))
            time.sleep(self.behaviour.pause_s)
        if self.behaviour.end == "cut":
            return
        if self.behaviour.end == "error":
            self._event(json.dumps({"error": {"message": "the engine died", "code": 500}}))
        elif self.behaviour.end == "garbage":
            self._event("<html>502 Bad Gateway</html>")
        elif self.behaviour.end == "well":
            self._event(json.dumps(self._answer(delta={})))
            usage = {"prompt_tokens": 31, "completion_tokens": 7, "total_tokens": 38}
            self._event(json.dumps({**self._answer(), "choices": [], "usage": usage}))
            self._event("[DONE]")
        self.wfile.write(b"0\r\n\r\n")

    def _event(self, data: str) -> None:
        line = f"data: {data}\n\n".encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.flush()


def serve(port: int, behaviour: Behaviour) -> None:
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        print("listening", server.server_port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Behaviour(**json.loads(sys.argv[2])))
