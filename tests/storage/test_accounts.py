"""Which account a person is written to, and what becomes of accounts that are lost or given up."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.accounts import (
    SEEN_AGAIN,
    accounts_of,
    find_account,
    lose,
    lose_chat,
    reachable_at,
    see,
    unbind,
    who_is,
)
from storage.audit import AuditEntry
from storage.invites import create_invite, redeem_invite
from storage.people import Account, Person, Role

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def rep(session: Session) -> Person:
    return person(session, "qiaoan", "乔安")


def person(session: Session, login: str, name: str, *, active: bool = True) -> Person:
    one = Person(login=login, name=name, role=Role.REP, active=active)
    session.add(one)
    session.flush()
    return one


def bind(session: Session, owner: Person, account: str, channel: str = "telegram") -> Account:
    bound = Account(channel=channel, account=account, person_id=owner.id or 0, bound_at=NOW)
    session.add(bound)
    session.flush()
    return bound


def written_to(session: Session, login: str = "qiaoan") -> str | None:
    account = reachable_at(session, login)
    return account.account if account else None


@pytest.mark.usefixtures("rep")
def test_who_has_no_account_is_not_reached(session: Session) -> None:
    assert written_to(session) is None


def test_the_account_that_wrote_last_is_written_to(session: Session, rep: Person) -> None:
    bind(session, rep, "501")
    bind(session, rep, "502")
    assert written_to(session) == "502"
    see(session, "telegram", "501", chat="501", now=NOW)
    assert written_to(session) == "501"
    see(session, "telegram", "502", chat="502", now=NOW + HOUR)
    assert written_to(session) == "502"


def test_a_lost_account_is_used_only_when_there_is_no_other(session: Session, rep: Person) -> None:
    bind(session, rep, "501")
    bind(session, rep, "wan", channel="wecom")
    see(session, "telegram", "501", chat="501", now=NOW + HOUR)
    lose(session, "telegram", "501", now=NOW + HOUR)
    assert written_to(session) == "wan"
    lose(session, "wecom", "wan", now=NOW + HOUR)
    assert written_to(session) == "501"


def test_a_chat_that_nothing_reaches_is_not_the_account_of_that_number(
    session: Session, rep: Person
) -> None:
    bind(session, rep, "501")
    bind(session, rep, "wan", channel="wecom").chat = "501"
    session.flush()
    lose_chat(session, "wecom", "501", now=NOW)
    assert [account.lost_at for account in accounts_of(session, rep.id or 0)] == [None, NOW]
    lose_chat(session, "telegram", "501", now=NOW + HOUR)
    lose_chat(session, "wecom", "501", now=NOW + HOUR)
    lost = [account.lost_at for account in accounts_of(session, rep.id or 0)]
    assert lost == [NOW + HOUR, NOW]


def test_who_writes_again_is_reached_again(session: Session, rep: Person) -> None:
    account = bind(session, rep, "501")
    lose(session, "telegram", "501", now=NOW)
    lose(session, "telegram", "501", now=NOW + HOUR)
    since = account.lost_at
    assert since == NOW
    see(session, "telegram", "501", chat="777", now=NOW + 2 * HOUR)
    assert account.lost_at is None
    assert account.chat == "777"


def test_an_account_that_writes_often_is_noted_now_and_then(session: Session, rep: Person) -> None:
    account = bind(session, rep, "501")
    see(session, "telegram", "501", chat="501", now=NOW)
    see(session, "telegram", "501", chat="501", now=NOW + SEEN_AGAIN / 2)
    assert account.seen_at == NOW
    see(session, "telegram", "501", chat="501", now=NOW + SEEN_AGAIN)
    assert account.seen_at == NOW + SEEN_AGAIN


def test_nobody_who_left_is_written_to(session: Session, rep: Person) -> None:
    bind(session, rep, "501")
    rep.active = False
    assert written_to(session) is None
    assert who_is(session, "telegram", "501") is None


def test_unknown_accounts_are_neither_seen_nor_lost(session: Session) -> None:
    see(session, "telegram", "9", chat="9", now=NOW)
    lose(session, "telegram", "9", now=NOW)
    assert find_account(session, "telegram", "9") is None


def test_unbinding_takes_all_accounts_and_is_on_record(session: Session, rep: Person) -> None:
    other = person(session, "luowei", "骆薇")
    bind(session, rep, "501")
    bind(session, rep, "wan", channel="wecom")
    bind(session, other, "502")
    assert unbind(session, rep.id or 0, now=NOW, actor_id=other.id) == 2
    session.flush()
    assert accounts_of(session, rep.id or 0) == []
    assert who_is(session, "telegram", "502") == other
    (entry,) = session.exec(select(AuditEntry)).all()
    assert (entry.action, entry.subject, entry.actor_id) == (
        "account.unbind",
        f"person:{rep.id}",
        other.id,
    )


def test_unbinding_nobody_leaves_no_record(session: Session, rep: Person) -> None:
    assert unbind(session, rep.id or 0, now=NOW, actor_id=None) == 0
    assert session.exec(select(AuditEntry)).all() == []


def test_the_account_of_somebody_who_left_can_be_bound_anew(session: Session, rep: Person) -> None:
    gone = person(session, "former", "前任", active=False)
    bind(session, gone, "501")
    code = create_invite(session, rep, now=NOW)
    redeem_invite(session, code, channel="telegram", account="501", chat="501", now=NOW)
    assert who_is(session, "telegram", "501") == rep
    assert accounts_of(session, gone.id or 0) == []
    assert written_to(session) == "501"
