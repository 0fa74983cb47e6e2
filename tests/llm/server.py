"""A scripted OpenAI-compatible service over real HTTP on loopback; it keeps the requests it got."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the service does with one request: waits, then sends a body (a string is sent as it
    is); `drip` sends keep-alive blanks for ever, as a queueing gateway does; a `broken` one hangs
    up before the end of the body."""

    body: Body | str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0
    drip: bool = False
    broken: bool = False


Step = Answer | Callable[[Body], Answer]


def says(content: str | None, *, finish: str = "stop", **message: Any) -> Answer:
    """A regular completion."""
    return Answer(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 0,
            "model": "scripted",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": finish,
                    "message": {"role": "assistant", "content": content, **message},
                }
            ],
            "usage": {"prompt_tokens": 900, "completion_tokens": 120, "total_tokens": 1020},
        }
    )


def calls(name: str, arguments: str) -> Answer:
    """A completion that calls a tool."""
    call = {"id": "call-1", "type": "function", "function": {"name": name, "arguments": arguments}}
    return says(None, finish="tool_calls", tool_calls=[call])


def fails(status: int, message: str = "no", **headers: str) -> Answer:
    """An error as OpenAI words it."""
    return Answer({"error": {"message": message, "type": "x", "code": None}}, status, headers)


def refuses(*features: str) -> Callable[[Answer], Step]:
    """Answers 400 to a request that uses a feature (`json_schema`, `tools` …)."""

    def step(otherwise: Answer) -> Step:
        return lambda request: (
            fails(400, "not supported") if _uses(request) & set(features) else otherwise
        )

    return step


def _uses(request: Body) -> set[str]:
    return {*request, request.get("response_format", {}).get("type", "")}


class ScriptedModel:
    """Plays its steps in order, the last one again and again."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = list(steps)
        self.requests: list[Body] = []
        self.keys: list[str] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self.base_url = ""

    def play(self, request: Body, key: str) -> Answer:
        """The answer to the next request."""
        with self._lock:
            self.requests.append(request)
            self.keys.append(key)
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        return step if isinstance(step, Answer) else step(request)

    @property
    def heard(self) -> str:
        """Everything that ever reached the service, as one text."""
        return json.dumps(self.requests, ensure_ascii=False)


@contextmanager
def scripted(*steps: Step) -> Iterator[ScriptedModel]:
    """A service on a free loopback port."""
    model = ScriptedModel(steps)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(model))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    model.base_url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield model
    finally:
        model.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(model: ScriptedModel) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            request = json.loads(self.rfile.read(length))
            answer = model.play(request, self.headers.get("Authorization", ""))
            try:
                self._send(answer)
            except OSError:
                return  # the client stopped waiting, which is what some tests want

        def _send(self, answer: Answer) -> None:
            body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
            model.stopping.wait(answer.wait)
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            for name, value in answer.headers.items():
                self.send_header(name.replace("_", "-"), value)
            if not answer.drip:
                missing = 100 if answer.broken else 0
                self.send_header("Content-Length", str(len(body.encode()) + missing))
            self.end_headers()
            while answer.drip and not model.stopping.is_set():
                self.wfile.write(b"\n")
                time.sleep(0.02)
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler
