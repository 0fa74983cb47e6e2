"""Puts an old sample database aside, so that a fresh one can be made; never anybody's own data."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, inspect, make_url
from sqlmodel import Session, func, select

from bot.domain.clock import to_local
from bot.domain.errors import UserError
from bot.sample.customers import SAMPLE_REP, sample_territory
from storage.accounts import with_login
from storage.database import open_engine
from storage.people import Person


class NotTheSampleError(UserError):
    """The database holds more than the sample, or is none of this machine's files."""


def put_sample_aside(database_url: str, *, now: datetime) -> Path | None:
    """Rename the SQLite file with the sample; gives its new name, None when there is no file.

    Raises:
        NotTheSampleError: it is not a SQLite file, or other people are in it.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise NotTheSampleError("--reset 只能用在本机的 SQLite 示例库上，这里没有动。")
    path = Path(url.database)
    if not path.exists():
        return None
    engine = open_engine(database_url)
    is_sample = _holds_only_the_sample(engine)
    engine.dispose()
    if not is_sample:
        raise NotTheSampleError("这个库里不只有示例数据，--reset 没有动它。")
    return path.rename(path.with_name(f"{path.name}.{to_local(now):%Y%m%d-%H%M%S}"))


def _holds_only_the_sample(engine: Engine) -> bool:
    if not inspect(engine).has_table("person"):
        return False
    with Session(engine) as session:
        people = session.exec(select(func.count()).select_from(Person)).one()
        known = with_login(session, SAMPLE_REP) is not None
    return known and people == len(sample_territory().people)
