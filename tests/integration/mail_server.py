"""A real SMTP server in this process."""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailServer:
    """A mail server as RFC 5321 has it, as far as one client needs; it refuses addresses of `nobody`."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


def handler_of(server: MailServer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 ready")
            while line := self.rfile.readline().decode().strip():
                verb = line.upper()
                if verb.startswith("RCPT") and "<nobody@" in line:
                    self.say("550 no such user")
                elif verb.startswith("RCPT"):
                    server.recipients.append(line[line.index("<") + 1 : line.index(">")])
                    self.say("250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    server.letters.append(self.letter())
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 ok")

        def say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

        def letter(self) -> EmailMessage:
            lines: list[bytes] = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line[1:] if line.startswith(b"..") else line)
            parsed = email.message_from_bytes(b"".join(lines), policy=default)
            assert isinstance(parsed, EmailMessage)
            return parsed

    return Handler


@contextmanager
def mail_serving() -> Iterator[MailServer]:
    """A mail server on a port of its own, until the block ends."""
    server = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler_of(server)) as tcp:
        server.port = tcp.server_address[1]
        thread = threading.Thread(target=tcp.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        tcp.shutdown()
        thread.join()
