"""Opens a conversation of one person at the terminal: who they are and what they saw before."""

from datetime import datetime

from sqlmodel import Session, select

from bot.app import App
from bot.channels.talk import CHANNEL, Talk
from bot.domain.errors import NotFoundError
from bot.messages import Reply
from bot.sample.customers import SAMPLE_REP
from storage.accounts import who_is
from storage.messages import last_replies
from storage.people import Person
from storage.pushes import shown_lately

NOBODY_YET = (
    "还没有人员。先运行 python -m bot sample 放入示例，或用 python -m bot import 文件.xlsx 导入。"
)


def open_talk(app: App, login: str | None, at: datetime | None) -> Talk:
    """A conversation as `login`, or as the default person of this installation.

    Raises:
        NotFoundError: there is no such person, or nobody at all.
    """
    speaker = login or app.settings.default_login or SAMPLE_REP
    if find_login(app, speaker) is None:
        raise NotFoundError(_unknown(app, login))
    return Talk(
        app.dispatcher.handle,
        lambda person: find_login(app, person),
        login=speaker,
        at=at,
        recall=lambda person: _shown_before(app, person),
        advance=app.pusher.advance,
    )


def find_login(app: App, wanted: str) -> str | None:
    """The login of an active person by login, or by a name that only one person has."""
    with Session(app.engine) as session:
        person = who_is(session, CHANNEL, wanted)
        if person is not None:
            return person.login
        called = select(Person.login).where(Person.name == wanted, Person.active)
        logins = session.exec(called.limit(2)).all()
    return logins[0] if len(logins) == 1 else None


def name_of(app: App, login: str) -> str:
    """How a person is called; the login when nobody has it."""
    with Session(app.engine) as session:
        person = who_is(session, CHANNEL, login)
    return person.name if person else login


def _shown_before(app: App, login: str) -> list[Reply]:
    with Session(app.engine) as session:
        person = who_is(session, CHANNEL, login)
        if person is None:
            return []
        pushed = [row.body for row in shown_lately(session, person.login)]
        stored = [*pushed, *last_replies(session, CHANNEL, person.id or 0)]
    return [reply for reply in map(Reply.load, stored) if reply.to is None]


def _unknown(app: App, login: str | None) -> str:
    with Session(app.engine) as session:
        known = session.exec(select(Person.login).where(Person.active).limit(8)).all()
    if not known:
        return NOBODY_YET
    logins = "、".join(sorted(known))
    if login is None:
        return f"请用 --as 写明以谁的身份聊天，例如：{logins}。"
    return f"没有账号「{login}」。现有账号例如：{logins}。"
