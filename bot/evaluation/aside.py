"""A program of its own for a measurement: a throw-away database with one territory in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from bot.app import App, open_app
from bot.config import Settings
from bot.domain.clock import local_day
from bot.domain.errors import NotFoundError, UserError
from bot.sample.territory import plant, read_territory
from bot.territory import import_territory


class BadTerritoryError(UserError):
    """A territory in TOML that cannot be used."""


@contextmanager
def opened_aside(settings: Settings, territory: Path) -> Iterator[App]:
    """The program with these settings but another database, gone at the end.

    `territory` is a workbook (.xlsx) as for `import`, or a .toml as in `evaluation/`.

    Raises:
        NotFoundError, TerritoryError, BadTerritoryError: the territory cannot be read.
    """
    if not territory.is_file():
        raise NotFoundError(f"打不开文件「{territory}」，请检查路径。")
    with TemporaryDirectory(prefix="repmate-eval-") as name:
        folder = Path(name)
        apart = {"database_url": f"sqlite:///{folder / 'eval.db'}", "data_dir": folder}
        program = open_app(settings.model_copy(update=apart))
        try:
            with Session(program.engine) as session:
                _fill(session, territory, now=datetime.now(UTC))
                session.commit()
            yield program
        finally:
            program.close()


def _fill(session: Session, territory: Path, *, now: datetime) -> None:
    if territory.suffix.lower() != ".toml":
        import_territory(session, territory, now=now, actor_id=None)
        return
    try:
        plant(session, read_territory(territory), since=local_day(now))
    except (ValueError, KeyError, IntegrityError):
        raise BadTerritoryError(
            f"「{territory}」写得不对，请对照 evaluation 目录里的 territory.toml。"
        ) from None
