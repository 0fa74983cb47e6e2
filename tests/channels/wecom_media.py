"""The files that the played WeCom server keeps for three days: what may be uploaded, how it is
fetched."""

import mimetypes
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from tests.channels.wecom_answers import Fields, RefusalError

KEPT_SECONDS = 3 * 24 * 3600
MEGABYTE = 1024 * 1024
MOST_BYTES = {"image": 10 * MEGABYTE, "voice": 2 * MEGABYTE, "file": 20 * MEGABYTE}
TOO_BIG = {"image": 40009, "voice": 45001, "file": 45001}
WITHOUT_RANGE = 20 * MEGABYTE
IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
AMR = b"#!AMR\n"
# The bytes of an AMR frame by the type in its head; a frame is 20 ms, 15 is an empty one
AMR_FRAMES = {0: 13, 1: 14, 2: 16, 3: 18, 4: 20, 5: 21, 6: 27, 7: 32, 8: 6, 15: 1}


@dataclass(frozen=True)
class Held:
    """A file that the server keeps."""

    kind: str
    name: str
    data: bytes
    since: float


@dataclass
class MediaShelf:
    """Files by media_id."""

    now: Callable[[], float]
    held: dict[str, Held] = field(default_factory=dict)

    def hold(self, data: bytes, name: str, kind: str) -> str:
        """Keep a file; what users send is not checked."""
        media_id = f"3{secrets.token_urlsafe(48)}"
        self.held[media_id] = Held(kind, name, data, self.now())
        return media_id

    def find(self, media_id: object, *kinds: str) -> Held:
        """A file that is still there, of one of the kinds if any are named."""
        held = self.held.get(media_id) if isinstance(media_id, str) else None
        expired = held is not None and held.since + KEPT_SECONDS <= self.now()
        if held is None or expired or (kinds and held.kind not in kinds):
            raise RefusalError(40007)
        return held

    async def upload(self, request: Request) -> Fields:
        """media/upload."""
        kind = request.query_params.get("type", "")
        if kind not in MOST_BYTES:
            raise RefusalError(40005)
        name, data = sent_file(request.headers.get("content-type", ""), await request.body())
        check_file(kind, data)
        media_id = self.hold(data, name, kind)
        created = str(int(self.now()))  # a string, as in the documentation
        return {
            "errcode": 0,
            "errmsg": "",
            "type": kind,
            "media_id": media_id,
            "created_at": created,
        }

    def get(self, request: Request) -> Response:
        """media/get."""
        media_id = request.query_params.get("media_id", "")
        if not media_id:
            raise RefusalError(41006)
        held = self.find(media_id)
        span = re.fullmatch(r"bytes[= ](\d+)-(\d*)", request.headers.get("range", ""))
        if span is None and len(held.data) > WITHOUT_RANGE:
            raise RefusalError(830002)
        return _part(held, span) if span else _whole(held)


def sent_file(content_type: str, body: bytes) -> tuple[str, bytes]:
    """The name and the bytes of the part called "media" of a form."""
    boundary = re.search(r'boundary="?([^";]+)"?', content_type)
    parts = body.split(b"--" + boundary.group(1).encode()) if boundary else []
    for part in parts[1:-1]:
        head, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        words = head.decode()
        # The real server does not know filename*=: it finds no file then
        name = re.search(r'[; ]filename="([^"]*)"', words)
        if re.search(r'[; ]name="media"', words) and name:
            return name.group(1), data.removesuffix(b"\r\n")
    raise RefusalError(44001)


def check_file(kind: str, data: bytes) -> None:
    """Size and format, by the bytes themselves."""
    if len(data) <= 5:
        raise RefusalError(40006)
    if len(data) > MOST_BYTES[kind]:
        raise RefusalError(TOO_BIG[kind])
    if kind == "image" and not data.startswith(IMAGES):
        raise RefusalError(40123)
    if kind == "voice" and not data.startswith(AMR):
        raise RefusalError(40004)
    if kind == "voice" and amr_seconds(data) > 60:
        raise RefusalError(45007)


def amr_seconds(data: bytes) -> float:
    """How long an AMR voice lasts."""
    at, frames = len(AMR), 0
    while at < len(data):
        at += AMR_FRAMES.get((data[at] >> 3) & 15, 1)
        frames += 1
    return frames * 0.02


def _whole(held: Held) -> Response:
    response = Response(held.data, media_type=_media_type(held))
    # A name in Chinese goes out as UTF-8 bytes; Starlette's own headers know Latin-1 only
    disposition = f'attachment; filename="{held.name}"'.encode()
    response.raw_headers.append((b"content-disposition", disposition))
    return response


def _part(held: Held, span: re.Match[str]) -> Response:
    first, size = int(span.group(1)), len(held.data)
    last = min(int(span.group(2) or size - 1), size - 1)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    headers = {"Accept-Ranges": "bytes", "Content-Range": f"bytes {first}-{last}/{size}"}
    return Response(held.data[first : last + 1], 206, headers, _media_type(held))


def _media_type(held: Held) -> str:
    kinds = {"voice": "audio/amr", "image": "image/jpeg"}
    guessed, _ = mimetypes.guess_type(held.name)
    return guessed or kinds.get(held.kind, "application/octet-stream")
