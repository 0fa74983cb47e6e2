"""What every command needs: the program opened and closed, files read, lines and bars shown."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from bot.app import App, open_app
from bot.config import load_settings
from bot.domain.errors import NotFoundError

CANNOT_OPEN = "打不开文件「{file}」，请检查路径。"


@contextmanager
def opened(*, log: TextIO | None = None) -> Iterator[App]:
    """The program, closed at the end; it logs to `log`, or to the file in the data folder."""
    program = open_app(load_settings(), log=log)
    try:
        yield program
    finally:
        program.close()


def read_lines(path: Path) -> TextIO:
    """A text file. Raises NotFoundError when it cannot be opened."""
    try:
        return path.open(encoding="utf-8-sig", errors="replace")
    except OSError:
        raise NotFoundError(CANNOT_OPEN.format(file=path)) from None


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar per step on stderr, shown only in a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    off = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=off) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int | None) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
            bars.update(tasks[step], completed=done, total=total)

        yield show


def say(line: str) -> None:
    """One line of output, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
