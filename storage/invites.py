"""Invite codes: one use, they expire, and only their SHA-256 is stored."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from storage import audit
from storage.accounts import bind
from storage.people import Invite, Person

VALID_FOR = timedelta(days=3)

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without the letters and digits that are mistaken for each other."""
_LENGTH = 10


def create_invite(
    session: Session, person: Person, *, now: datetime, actor_id: int | None = None
) -> str:
    """A new code for a person, shown once; a code that was not used yet stops working. `actor_id`
    is None on the command line."""
    session.exec(
        update(Invite)
        .where(
            col(Invite.person_id) == person.id,
            col(Invite.used_at).is_(None),
            col(Invite.expires_at) > now,
        )
        .values(expires_at=now)
    )
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    expires = now + VALID_FOR
    session.add(Invite(code_hash=_hash(code), person_id=person.id or 0, expires_at=expires))
    session.flush()
    _record(session, now, actor_id, "invite.create", person.id)
    return code


def redeem_invite(
    session: Session, code: str, *, channel: str, account: str, chat: str = "", now: datetime
) -> Person | None:
    """Bind an account, written to at `chat`, to the person that the code was made for; None when
    the code is no good.

    Of two accounts that redeem the same code at once, one gets it.
    """
    taken = session.exec(
        update(Invite)
        .where(
            col(Invite.code_hash) == _hash(code),
            col(Invite.used_at).is_(None),
            col(Invite.expires_at) > now,
        )
        .values(used_at=now)
    )
    if taken.rowcount != 1:
        return None
    invite = session.exec(select(Invite).where(Invite.code_hash == _hash(code))).one()
    person = session.get_one(Person, invite.person_id)
    if not person.active:
        return None
    bind(session, person, channel, account, chat=chat, now=now)
    _record(session, now, person.id, "invite.redeem", person.id)
    return person


def looks_like_code(words: str) -> bool:
    """Whether a message of a stranger is meant as an invite code."""
    said = words.strip().upper()
    return len(said) == _LENGTH and set(said) <= set(_LETTERS)


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().upper().encode()).hexdigest()


def _record(
    session: Session, at: datetime, actor_id: int | None, action: str, person_id: int | None
) -> None:
    subject = f"person:{person_id}"
    audit.record(session, at=at, actor_id=actor_id, action=action, subject=subject, detail={})
