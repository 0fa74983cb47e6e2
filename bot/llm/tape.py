"""Recording what a model was asked and answered, and answering from the record."""

import hashlib
import json
import os
from pathlib import Path

from bot.domain.errors import UserError
from bot.llm.exchange import Body, Exchange, Response

NOT_RECORDED = (
    "MODEL_REPLAY：这次请求没有录过，或录的文件坏了（{file}）。口述、日期、模型、提示词或名册和录的时候"
    "不一样。请用 MODEL_RECORD 重录，或去掉 MODEL_REPLAY。"
)


class NotRecordedError(UserError):
    """A replay was asked something that was never recorded; it must not pass for a model outage."""


class RecordFolderError(UserError):
    """Nothing can be recorded in the folder."""


def recording(exchange: Exchange, folder: Path) -> Exchange:
    """The same exchange, which also writes each request and its answer as one JSON file.

    Raises:
        RecordFolderError: (when asked) the file cannot be written.
    """

    def recorded(request: Body, seconds: float) -> Response:
        response = exchange(request, seconds)
        answer = {"status": response.status, "body": response.body}
        try:
            _write(_file(folder, request), {"request": request, "answer": answer})
        except OSError:
            raise RecordFolderError(
                f"MODEL_RECORD：不能写进「{folder}」，请换一个文件夹。"
            ) from None
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
            return Response(answer["status"], answer["body"])
        except (OSError, ValueError, KeyError, TypeError):
            raise NotRecordedError(NOT_RECORDED.format(file=path)) from None

    return replayed


def _file(folder: Path, request: Body) -> Path:
    exact = json.dumps(request, ensure_ascii=False, sort_keys=True)
    return folder / f"{hashlib.sha256(exact.encode()).hexdigest()}.json"


def _write(path: Path, value: Body) -> None:
    """Whole or not at all, also when two runs record the same request."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)
