"""Files on their way to WeCom: pictures show in the chat, everything else goes as a file."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channel import RefusedError
from bot.channels.talk import storable
from bot.messages import Attachment

IMAGE_BYTES = 10 * 1024 * 1024
FILE_BYTES = 20 * 1024 * 1024
LEAST_BYTES = 6
"""WeCom's limits on what is uploaded (page 90253)."""

IMAGE_STARTS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""PNG and JPEG, whatever the name says: nothing else is taken for a picture."""


@dataclass(frozen=True, slots=True)
class File:
    """One file, read; `kind` is WeCom's word, `digest` the same for the same content and name."""

    kind: str
    name: str
    content: bytes
    digest: str


async def load_files(attachments: Sequence[Attachment]) -> list[File]:
    """Before anything is sent: a reply whose file is missing must not go out by half. Raises
    RefusedError."""
    return [await asyncio.to_thread(_load, attachment) for attachment in attachments]


def _load(attachment: Attachment) -> File:
    try:
        if attachment.path.stat().st_size > FILE_BYTES:
            raise RefusedError("too_large")
        content = attachment.path.read_bytes()
    except OSError:
        raise RefusedError("no_file") from None
    if len(content) < LEAST_BYTES:
        raise RefusedError("empty")
    name = storable(attachment.name) or attachment.path.name
    digest = hashlib.sha256(name.encode() + content).hexdigest()
    return File(_kind(content), name, content, digest[:40])


def _kind(content: bytes) -> str:
    is_image = content.startswith(IMAGE_STARTS) and len(content) <= IMAGE_BYTES
    return "image" if is_image else "file"
