"""What cannot be kept now lies in a folder until it can be: WeCom repeats a call only for seconds.

A call lies there as it came, encrypted by WeCom, so that nothing can be read from the disk alone.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.channels.wecom.crypto import Seal

ASIDE = ".aside"
"""The ending of a call that broke the inbox, as none should."""

SHORTAGE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Of the machine: it says nothing about the file."""


class SpoolFullError(Exception):
    """The disk takes nothing more; WeCom must call again."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of WeCom as it came."""

    seal: Seal
    body: bytes

    @property
    def name(self) -> str:
        """The same for the same call."""
        return hashlib.sha256(f"{self.seal}{self.body!r}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Spool:
    """The folder. Files are named so that they sort in the order of their arrival."""

    folder: Path

    def put(self, call: Call, arrived: float) -> None:
        """Keep a call through a crash; once, though it is repeated. Raises SpoolFullError."""
        if any(path.name.endswith(call.name) for path in self._files()):
            return
        path = self.folder / f"{arrived:020.6f}-{call.name}"
        part = path.with_name(f".{path.name}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                json.dump({"seal": asdict(call.seal), "body": call.body.decode("latin-1")}, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise SpoolFullError from None

    def waiting(self) -> Iterator[tuple[Path, Call]]:
        """What lies there, in order. A file that cannot be read is put aside. Raises OSError when
        nothing can be read now."""
        for path in self._files():
            call = _read(path)
            if call is None:
                self.put_aside(path)
            else:
                yield path, call

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._files()

    def drop(self, path: Path) -> None:
        """It is kept elsewhere now."""
        path.unlink(missing_ok=True)

    def put_aside(self, path: Path) -> None:
        """It will never be kept; somebody must look at it."""
        with suppress(OSError):  # it is gone, or stays in nobody's way
            path.rename(path.with_name(f".{path.name}{ASIDE}"))

    def count(self) -> tuple[int, int]:
        """How many wait, and how many were put aside."""
        return len(self._files()), len(list(self.folder.glob(f".*{ASIDE}")))

    def _files(self) -> list[Path]:
        return sorted(path for path in self.folder.glob("*-*") if not path.name.startswith("."))


def _read(path: Path) -> Call | None:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Call(Seal(**kept["seal"]), kept["body"].encode("latin-1"))
    except OSError as error:
        if error.errno in SHORTAGE:
            raise
        return None
    except (LookupError, TypeError, ValueError):
        return None
