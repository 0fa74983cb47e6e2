"""Recording what a model was asked and answered, and answering from the record."""

import hashlib
import json
import os
from pathlib import Path

from bot.llm.exchange import Body, Exchange, Response


class NotRecordedError(LookupError):
    """A replay was asked something that was never recorded; it must not pass for a model outage."""


def recording(exchange: Exchange, folder: Path) -> Exchange:
    """The same exchange, which also writes each request and its answer as one JSON file."""
    folder.mkdir(parents=True, exist_ok=True)

    def recorded(request: Body, seconds: float) -> Response:
        response = exchange(request, seconds)
        answer = {"status": response.status, "body": response.body}
        _write(_file(folder, request), {"request": request, "answer": answer})
        return response

    return recorded


def replaying(folder: Path) -> Exchange:
    """Answers from the files of `folder`; no network.

    Raises:
        NotRecordedError: (when asked) the request is not there; says which file was looked for.
    """

    def replayed(request: Body, _seconds: float) -> Response:
        path = _file(folder, request)
        try:
            answer = json.loads(path.read_text(encoding="utf-8"))["answer"]
        except FileNotFoundError:
            raise NotRecordedError(
                f"MODEL_REPLAY: no answer on record for this request ({path}). "
                "The text, the day, the model or the prompt differs from the recorded run."
            ) from None
        return Response(answer["status"], answer["body"])

    return replayed


def _file(folder: Path, request: Body) -> Path:
    exact = json.dumps(request, ensure_ascii=False, sort_keys=True)
    return folder / f"{hashlib.sha256(exact.encode()).hexdigest()}.json"


def _write(path: Path, value: Body) -> None:
    """Whole or not at all, also when two runs record the same request."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)
