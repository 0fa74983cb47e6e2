"""How the played WeCom takes an AI bot's files in pieces, and keeps those of people, encrypted."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.channels.wecom_bot_phones import BAD_PARAMETER, MEDIA_KINDS, Fields, RefusalError

CHUNK_BYTES = 512 * 1024
MOST_CHUNKS = 100
SESSION_SECONDS = 30 * 60
ADDRESS_SECONDS = 5 * 60
BLOCK = 32


@dataclass
class Upload:
    """A file that comes in pieces."""

    kind: str
    name: str
    size: int
    count: int
    md5: str
    since: float
    chunks: dict[int, bytes] = field(default_factory=dict)


@dataclass
class Uploads:
    """The files under way; finished ones are handed to `keep`."""

    now: Callable[[], float]
    keep: Callable[[str, str, str, bytes], None]
    under_way: dict[str, Upload] = field(default_factory=dict)

    def begin(self, body: Fields) -> Fields:
        """Raises RefusalError."""
        size, count = body.get("total_size", 0), body.get("total_chunks", 0)
        fits = 5 < size <= count * CHUNK_BYTES and 0 < count <= MOST_CHUNKS
        if body.get("type") not in MEDIA_KINDS or not body.get("filename") or not fits:
            raise RefusalError(BAD_PARAMETER)
        name = secrets.token_hex(8)
        self.under_way[name] = Upload(
            body["type"], body["filename"], size, count, body.get("md5", ""), self.now()
        )
        return {"upload_id": name}

    def add(self, body: Fields) -> Fields:
        """Raises RefusalError."""
        upload = self._find(body)
        chunk = base64.b64decode(body["base64_data"], validate=True)
        if body["chunk_index"] not in range(upload.count) or len(chunk) > CHUNK_BYTES:
            raise RefusalError(BAD_PARAMETER)
        upload.chunks[body["chunk_index"]] = chunk
        return {}

    def end(self, body: Fields) -> Fields:
        """Raises RefusalError."""
        upload = self._find(body)
        data = b"".join(upload.chunks[place] for place in sorted(upload.chunks))
        told = upload.md5 or hashlib.md5(data).hexdigest()  # noqa: S324
        is_whole = len(upload.chunks) == upload.count and len(data) == upload.size
        if not is_whole or hashlib.md5(data).hexdigest() != told:  # noqa: S324
            raise RefusalError(BAD_PARAMETER)
        del self.under_way[body["upload_id"]]
        media = f"media-{secrets.token_hex(8)}"
        self.keep(media, upload.kind, upload.name, data)
        return {"type": upload.kind, "media_id": media, "created_at": str(int(self.now()))}

    def _find(self, body: Fields) -> Upload:
        upload = self.under_way.get(body.get("upload_id", ""))
        if upload is None or self.now() - upload.since > SESSION_SECONDS:
            raise RefusalError(BAD_PARAMETER)
        return upload


@dataclass
class Sent:
    """A file that a person sent, as it lies on WeCom's server."""

    name: str
    sealed: bytes
    since: float


def seal(content: bytes) -> tuple[str, bytes]:
    """A key and the content encrypted with it."""
    key = secrets.token_bytes(32)
    padding = BLOCK - len(content) % BLOCK
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    padded = content + bytes([padding]) * padding
    return base64.b64encode(key).decode(), encryptor.update(padded) + encryptor.finalize()
