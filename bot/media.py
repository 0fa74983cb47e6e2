"""Files that came with messages: fetched from the platform, kept while they are needed."""

from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from bot.bridge import Bridge
from bot.channel import Channel
from bot.messages import Attachment, Media

KEPT_FOR_RETRY = timedelta(days=3)
"""Sound that could not be written down; by then its message was given up."""

FILES_KEPT = timedelta(days=7)
"""Files that people sent or were sent; they stay in the chat."""


class MediaStore:
    """A folder for sound and one for files, below the data folder."""

    def __init__(self, data: Path, bridge: Bridge, *, keep_audio: timedelta) -> None:
        self._audio = data / "audio"
        self._files = data / "files"
        self._bridge = bridge
        self._keep_audio = keep_audio

    def audio(self, channel: Channel, media: Media, message_id: int) -> Path:
        """The sound of a voice message, fetched unless it is here. Raises ChannelError."""
        return self._fetched(channel, media, self._audio / f"{message_id}{_suffix(media)}")

    def file(self, channel: Channel, media: Media, message_id: int) -> Attachment:
        """A file, fetched unless it is here. Raises ChannelError."""
        path = self._fetched(channel, media, self._file_path(media, message_id))
        return Attachment(media.name or path.name, path, media.type)

    def drop_audio(self, media: Media, message_id: int, *, refused: bool) -> None:
        """Delete sound that is of no more use; what was refused goes at once, whatever is
        configured."""
        if refused or not self._keep_audio:
            (self._audio / f"{message_id}{_suffix(media)}").unlink(missing_ok=True)

    def drop_file(self, media: Media, message_id: int) -> None:
        """Delete a file that was sent and read: it stays in the chat, and nobody else needs it."""
        self._file_path(media, message_id).unlink(missing_ok=True)

    def clean(self, now: datetime) -> int:
        """Delete what is too old; how many files."""
        audio = max(self._keep_audio, KEPT_FOR_RETRY)
        return _clean(self._audio, now - audio) + _clean(self._files, now - FILES_KEPT)

    def _file_path(self, media: Media, message_id: int) -> Path:
        return self._files / f"in-{message_id}{_suffix(media)}"

    def _fetched(self, channel: Channel, media: Media, path: Path) -> Path:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._bridge.wait(channel.fetch(media, path))
        return path


def _suffix(media: Media) -> str:
    """The ending of a name, which may be anything, made safe for a path."""
    suffix = PurePosixPath(media.name).suffix.lower()
    return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) < 12 else ""


def _clean(folder: Path, before: datetime) -> int:
    if not folder.is_dir():
        return 0
    old = [path for path in folder.iterdir() if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
