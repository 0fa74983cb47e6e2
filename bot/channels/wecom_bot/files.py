"""Files to and from the AI bot: laid down in pieces over the connection, fetched encrypted."""

import asyncio
import base64
import binascii
import hashlib
import json
import logging
import re
from collections.abc import Iterator
from email.message import Message
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import httpx2
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot.channel import ChannelDownError, MediaGoneError
from bot.channels.talk import storable
from bot.channels.wecom.files import File
from bot.channels.wecom_bot.link import Link

CHUNK_BYTES = 512 * 1024
CHUNK_SECONDS = 30.0
CONNECT_SECONDS = 5.0
LOOK_SECONDS = 5.0
DOWNLOAD_SECONDS = 60.0
DOWNLOAD_BYTES = 20 * 1024 * 1024
BLOCK = 32
KEY_BYTES = 32
LONGEST_NAME = 200


async def upload(link: Link, file: File) -> str:
    """The id that a file can be sent by for three days. Raises ChannelDownError and CodeError."""
    chunks = list(_chunks(file.content))
    begun = await link.ask(
        "aibot_upload_media_init",
        {
            "type": file.kind,
            "filename": file.name,
            "total_size": len(file.content),
            "total_chunks": len(chunks),
            "md5": hashlib.md5(file.content, usedforsecurity=False).hexdigest(),
        },
    )
    session = {"upload_id": str(begun.get("upload_id", ""))}
    for place, chunk in enumerate(chunks):
        piece = {**session, "chunk_index": place, "base64_data": base64.b64encode(chunk).decode()}
        await link.ask("aibot_upload_media_chunk", piece, seconds=CHUNK_SECONDS)
    ended = await link.ask("aibot_upload_media_finish", session, seconds=CHUNK_SECONDS)
    return str(ended.get("media_id", ""))


class Downloads:
    """Fetches what people sent. An address is good for five minutes."""

    def __init__(self) -> None:
        for name in ("httpx2", "httpcore2"):  # their lines carry addresses, which open files
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        self._web = httpx2.AsyncClient(
            timeout=httpx2.Timeout(LOOK_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
            follow_redirects=True,
            max_redirects=3,
        )

    async def close(self) -> None:
        """Let go of connections."""
        await self._web.aclose()

    async def look(self, ref: str) -> tuple[str, int | None]:
        """The name of a file and how many bytes it has, as far as its server tells; WeCom's
        message names neither. Raises ChannelDownError and MediaGoneError."""
        url, _ = _opened(ref)
        try:
            async with asyncio.timeout(LOOK_SECONDS), self._web.stream("GET", url) as answer:
                _check_status(answer)
                size = answer.headers.get("Content-Length", "")
                name = name_in(answer.headers.get("Content-Disposition", ""))
                return name or name_at(url), int(size) if size.isdigit() else None
        except (TimeoutError, httpx2.TimeoutException):
            raise ChannelDownError("timeout") from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise ChannelDownError("network") from None

    async def fetch(self, ref: str, to: Path) -> None:
        """Put the file there, whole or not at all. Raises ChannelDownError and MediaGoneError."""
        url, key = _opened(ref)
        try:
            async with asyncio.timeout(DOWNLOAD_SECONDS):
                sealed = await self._read(url)
        except (TimeoutError, httpx2.TimeoutException):
            raise ChannelDownError("timeout") from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise ChannelDownError("network") from None
        await asyncio.to_thread(_write, sealed, key, to)

    async def _read(self, url: str) -> bytes:
        content = bytearray()
        async with self._web.stream("GET", url) as answer:
            _check_status(answer)
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > DOWNLOAD_BYTES + BLOCK:
                    raise MediaGoneError("too_large")
        return bytes(content)


def decrypt(sealed: bytes, key: bytes) -> bytes:
    """The content of a file. Raises ValueError when it is none of this key."""
    if len(key) != KEY_BYTES:
        raise ValueError("not a key")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = decryptor.update(sealed) + decryptor.finalize()
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= BLOCK or padded[-padding:] != bytes([padding]) * padding:
        raise ValueError("not padded")
    return padded[:-padding]


def name_in(disposition: str) -> str:
    """The file name of a Content-Disposition header, as servers of all kinds write it."""
    encoded = re.search(r"filename\*=(?:utf-8|UTF-8)''([^;\s]+)", disposition)
    if encoded is not None:
        return _short(unquote(encoded[1]))
    message = Message()
    message["Content-Disposition"] = disposition
    return _short(unquote(_as_utf8(message.get_filename() or "")))


def name_at(url: str) -> str:
    """The file name that an address ends in, if that has an ending of its own."""
    name = _short(unquote(urlsplit(url).path))
    suffix = PurePosixPath(name).suffix[1:]
    return name if suffix.isascii() and suffix.isalnum() and len(suffix) <= 5 else ""


def _as_utf8(name: str) -> str:
    """HTTP takes headers for Latin-1; who writes Chinese into them means UTF-8."""
    try:
        return name.encode("latin-1").decode()
    except ValueError:
        return name


def _short(name: str) -> str:
    name = storable(name).replace("\\", "/").rpartition("/")[2].strip()
    return name if len(name) <= LONGEST_NAME else name[-LONGEST_NAME:]


def _check_status(answer: httpx2.Response) -> None:
    """Raises MediaGoneError when the address is no longer good, ChannelDownError when its server is
    in trouble."""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise ChannelDownError("network")
    if answer.status_code != 200:
        raise MediaGoneError("gone")


def _opened(ref: str) -> tuple[str, str]:
    """The address, and the key or nothing. Raises MediaGoneError."""
    try:
        found = json.loads(ref)
        url, key = found["url"], found["aeskey"]
    except (LookupError, TypeError, ValueError):
        raise MediaGoneError("gone") from None
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        raise MediaGoneError("gone")
    return url, key if isinstance(key, str) else ""


def _write(sealed: bytes, key: str, to: Path) -> None:
    part = to.with_name(f"{to.name}.part")
    try:
        part.write_bytes(decrypt(sealed, _bytes_of(key)) if key else sealed)
        part.replace(to)
    except (ValueError, binascii.Error):
        raise MediaGoneError("gone") from None
    except OSError:
        raise ChannelDownError("disk") from None
    finally:
        part.unlink(missing_ok=True)


def _bytes_of(key: str) -> bytes:
    """With or without the signs that fill it up."""
    return base64.b64decode(key.rstrip("=") + "=" * (-len(key.rstrip("=")) % 4))


def _chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]
