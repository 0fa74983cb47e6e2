"""Invite codes bind one account, once, in time."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from storage.accounts import who_is
from storage.invites import VALID_FOR, create_invite, redeem_invite
from storage.people import Person, Role

NOW = datetime(2026, 11, 3, 9, tzinfo=UTC)


@pytest.fixture
def person(session: Session) -> Person:
    person = Person(login="tangning", name="唐宁", role=Role.REP)
    session.add(person)
    session.flush()
    return person


def redeem(session: Session, code: str, *, account: str = "42", after: timedelta) -> Person | None:
    return redeem_invite(session, code, channel="telegram", account=account, now=NOW + after)


def test_a_code_binds_the_account_to_the_person(session: Session, person: Person) -> None:
    code = create_invite(session, person, now=NOW)
    assert redeem(session, f" {code.lower()} ", after=timedelta(hours=1)) == person
    assert who_is(session, "telegram", "42") == person


def test_a_code_works_once(session: Session, person: Person) -> None:
    code = create_invite(session, person, now=NOW)
    redeem(session, code, after=timedelta(hours=1))
    assert redeem(session, code, account="43", after=timedelta(hours=2)) is None
    assert who_is(session, "telegram", "43") is None


def test_a_code_expires(session: Session, person: Person) -> None:
    code = create_invite(session, person, now=NOW)
    assert redeem(session, code, after=VALID_FOR) is None


def test_a_new_code_ends_the_old_one(session: Session, person: Person) -> None:
    old = create_invite(session, person, now=NOW)
    new = create_invite(session, person, now=NOW + timedelta(minutes=1))
    assert redeem(session, old, after=timedelta(hours=1)) is None
    assert redeem(session, new, after=timedelta(hours=1)) == person


def test_a_guessed_code_binds_nobody(session: Session, person: Person) -> None:
    create_invite(session, person, now=NOW)
    assert redeem(session, "ABCDEFGHJK", after=timedelta(0)) is None


def test_nobody_who_left_is_bound(session: Session, person: Person) -> None:
    code = create_invite(session, person, now=NOW)
    person.active = False
    assert redeem(session, code, after=timedelta(hours=1)) is None
