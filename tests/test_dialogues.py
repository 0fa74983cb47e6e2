"""Plays every tests/dialogues/*.txt: conversations that read as the product's manual.

The format: `@ 2026-11-03 17:40 唐宁` moves the clock and says who speaks (`@ +1 09:00` is the next
day), `> words` says, with indented lines belonging to the same message, `[确认]` presses a button,
`+ file.xlsx` sends a file that stands beside the dialogue. Then what must come back: each `< words`
in this order in the answer, buttons reading as `[确认]`; `! words` must not be in it; with
`→ 石宏 words` somebody else is told, or has it pushed when the clock is moved, and with
`!→ 石宏 words` not. `#` is a comment. The people: tests/dialogues/territory.toml.
Every file starts in a fresh copy of that world, on Monday 2026-11-02 at 09:00, 唐宁 speaking. Only
骆薇 has a chat account.
"""

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from bot.app import App, open_app
from bot.channels.talk import Talk, parse_moment
from bot.config import Settings
from bot.sample.territory import Territory, plant, read_territory
from storage.database import open_engine
from storage.migrate import migrate
from storage.people import Account, Person
from tests.dialogues.play import DialogueError, play_file

FOLDER = Path(__file__).parent / "dialogues"
FILES = sorted(FOLDER.glob("*.txt"))
START = "2026-11-02T09:00:00+08:00"
KNOWN_SINCE = date(2026, 8, 1)


@pytest.fixture(scope="session")
def territory() -> Territory:
    """The world of the dialogues."""
    return read_territory(FOLDER / "territory.toml")


def bind(session: Session, login: str, at: datetime) -> None:
    """Give somebody a chat account."""
    person = session.exec(select(Person).where(Person.login == login)).one()
    account = Account(channel="telegram", account=login, person_id=person.id or 0, bound_at=at)
    session.add(account)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, territory: Territory) -> Path:
    """A database file with that world in it, made once and copied for each dialogue."""
    path = tmp_path_factory.mktemp("world") / "world.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    with Session(engine) as session:
        plant(session, territory, since=KNOWN_SINCE)
        bind(session, "luowei", datetime(2026, 10, 20, 2, tzinfo=UTC))
        session.commit()
    engine.dispose()
    return path


@pytest.fixture
def app(world: Path, tmp_path: Path) -> Iterator[App]:
    """The program on a copy of the world, without a model."""
    copy = tmp_path / "repmate.db"
    shutil.copy(world, copy)
    app = open_app(
        Settings(_env_file=None, database_url=f"sqlite:///{copy}", data_dir=tmp_path / "data")
    )
    yield app
    app.close()


@pytest.fixture
def talk(app: App, territory: Territory) -> Talk:
    """唐宁 at the terminal on a Monday morning; people can be called by name or login."""
    logins = {person.name: person.login for person in territory.people}
    logins |= {login: login for login in logins.values()}
    return Talk(
        app.dispatcher.handle,
        logins.get,
        login="tangning",
        at=parse_moment(START),
        advance=app.pusher.advance,
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path, talk: Talk, territory: Territory) -> None:
    logins = {person.name: person.login for person in territory.people}
    play_file(path, talk, logins)


def test_a_wrong_expectation_is_shown_with_the_talk_so_far(talk: Talk, tmp_path: Path) -> None:
    dialogue = tmp_path / "wrong.txt"
    dialogue.write_text("# 问候\n> 你好\n< 这句话不会出现\n", encoding="utf-8")
    with pytest.raises(DialogueError, match=r"(?s)wrong\.txt:3.*> 你好.*expected: 这句话不会出现"):
        play_file(dialogue, talk, {})


def test_words_that_must_not_appear_are_caught(talk: Talk, tmp_path: Path) -> None:
    dialogue = tmp_path / "wrong.txt"
    dialogue.write_text("> 你好\n! 您好\n", encoding="utf-8")
    with pytest.raises(DialogueError, match="must not appear: 您好"):
        play_file(dialogue, talk, {})
