"""A scripted transcription service over real HTTP on loopback; it keeps the requests it got."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Heard:
    """One upload, its parts told apart."""

    fields: dict[str, str]
    name: str
    type: str
    audio: bytes
    key: str


@dataclass(frozen=True)
class Answer:
    """What the service does with one request: waits, then sends a body (a string as it is). A
    `broken` one hangs up before the end of the body; one that is `slow` sends blanks for ever."""

    body: Any = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    broken: bool = False
    slow: bool = False
    echo: bool = False


def says(text: str, *, wait: float = 0) -> Answer:
    """A transcript."""
    return Answer({"text": text}, wait=wait)


def fails(status: int, message: str = "no", **headers: str) -> Answer:
    """An error as OpenAI words it."""
    return Answer({"error": {"message": message, "type": "x", "code": None}}, status, headers)


ECHOES = Answer(echo=True)
"""Says what it was told in the prompt, as Whisper does in silence."""


class ScriptedService:
    """Plays its answers in order, the last one again and again."""

    def __init__(self, answers: tuple[Answer, ...]) -> None:
        self.answers = list(answers)
        self.heard: list[Heard] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self.base_url = ""

    def play(self, heard: Heard) -> Answer:
        """The answer to the next request."""
        with self._lock:
            self.heard.append(heard)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return says(heard.fields.get("prompt", "")) if answer.echo else answer


@contextmanager
def scripted(*answers: Answer) -> Iterator[ScriptedService]:
    """A service on a free loopback port."""
    service = ScriptedService(answers)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    service.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield service
    finally:
        service.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _parsed(content_type: str, body: bytes, key: str) -> Heard:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts: list[Message] = BytesParser().parsebytes(head + body).get_payload()  # type: ignore[assignment]
    by_name = {str(part.get_param("name", header="content-disposition")): part for part in parts}
    file = by_name.pop("file")
    fields = {name: _content(part).decode() for name, part in by_name.items()}
    return Heard(fields, file.get_filename() or "", file.get_content_type(), _content(file), key)


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _handler(service: ScriptedService) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path != "/v1/audio/transcriptions":
                self._send(fails(404))
                return
            key = self.headers.get("Authorization", "")
            answer = service.play(_parsed(self.headers["Content-Type"], body, key))
            try:
                self._send(answer)
            except OSError:
                return  # the client stopped waiting, which is what some tests want

        def _send(self, answer: Answer) -> None:
            text = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            service.stopping.wait(answer.wait)
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            if not answer.slow:
                missing = 100 if answer.broken else 0
                self.send_header("Content-Length", str(len(text.encode()) + missing))
            self.end_headers()
            while answer.slow and not service.stopping.wait(0.02):
                self.wfile.write(b"\n")
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler
