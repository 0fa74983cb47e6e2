"""Reads the phrase tables beside this file: one phrase and its meaning a line, in sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One line of a table: in which section, what is said, and the meanings, none for `-`."""

    section: str
    said: str
    meant: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.section}: {self.said}"


def read_table(name: str) -> list[Row]:
    """The rows of a table file, in order."""
    return list(_rows((_HERE / name).read_text(encoding="utf-8")))


def _rows(text: str) -> Iterator[Row]:
    section = ""
    for line in text.splitlines():
        if line.startswith("@"):
            section = line.removeprefix("@").partition("(")[0].strip()
        elif line and not line.startswith("#"):
            said, _, meant = line.partition("|")
            yield Row(section, said.strip(), _meanings(meant.strip()))


def _meanings(meant: str) -> tuple[str, ...]:
    return () if meant == "-" else tuple(piece.strip() for piece in meant.split(","))
