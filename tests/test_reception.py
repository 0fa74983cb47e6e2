"""At the door: who is let in, what strangers are told, and that nothing is kept twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.messages import Incoming, Media, MediaKind
from bot.reception import (
    ALREADY_BOUND,
    BAD_CODE,
    CODE_HIDDEN,
    STRANGER,
    TOO_MANY_TRIES,
    Closed,
    Received,
)
from storage.accounts import find_account, who_is
from storage.deliveries import Delivery
from storage.invites import create_invite
from storage.people import Person, Role
from storage.strangers import Stranger, forget_strangers
from tests.office import VISIT, Office, opened
from tests.serving.outages import NOW

NEW = "777"
"""An account that nobody knows."""


@pytest.fixture
def office(database: Engine, tmp_path: Path) -> Office:
    return opened(database, tmp_path)


def code_for(office: Office, login: str = "manyun") -> str:
    with Session(office.database) as session:
        person = session.exec(select(Person).where(Person.login == login)).one()
        code = create_invite(session, person, now=office.clock.now)
        session.commit()
        return code


def test_a_stranger_is_told_once_a_day_how_to_join(office: Office) -> None:
    assert office.told(office.from_(NEW, "下一个该见谁")) == [STRANGER]
    assert office.told(office.from_(NEW, VISIT)) == []
    office.clock.passes(hours=23)
    assert office.told(office.from_(NEW, "在吗")) == []
    office.clock.passes(hours=1)
    assert office.told(office.from_(NEW, "在吗")) == [STRANGER]
    assert office.texts(NEW) == [STRANGER] * 2
    assert office.messages() == []


def test_what_strangers_hear_belongs_to_nobody(office: Office) -> None:
    office.told(office.from_(NEW, "在吗"))
    (row,) = office.queued(NEW)
    assert (row.person_id, row.message_id) == (None, None)


@pytest.mark.parametrize("written", ["{}", " {} ", "/start {}", "/start  {}\n"])
def test_a_code_lets_in(office: Office, written: str) -> None:
    code = code_for(office)
    closed = office.receive(office.from_(NEW, written.format(code.lower())))
    assert isinstance(closed, Closed)
    assert closed.joined == Role.MEDICAL
    (told,) = office.texts(NEW)
    assert told.startswith("满云，您好！账号绑好了")
    assert isinstance(office.receive(office.from_(NEW, "医学问题")), Received)


def test_a_code_lets_one_account_in(office: Office) -> None:
    code = code_for(office)
    office.told(office.from_(NEW, code))
    assert office.told(office.from_("778", code)) == [BAD_CODE]
    with Session(office.database) as session:
        assert who_is(session, "telegram", "778") is None


def test_the_new_account_can_be_written_to(office: Office) -> None:
    office.told(office.from_(NEW, code_for(office), chat="c-777"))
    with Session(office.database) as session:
        found = find_account(session, "telegram", NEW)
        assert found is not None
        assert found.chat == "c-777"


def test_a_message_that_joined_is_answered_the_same_way_when_it_comes_again(
    office: Office,
) -> None:
    joining = office.from_(NEW, code_for(office))
    first = office.told(joining)
    assert office.told(joining) == first
    assert len(office.texts(NEW)) == 1


def test_codes_are_not_to_be_guessed(office: Office) -> None:
    told = [office.told(office.from_(NEW, f"ABCDEFGHJ{n}")) for n in range(2, 10)]
    assert told == [[BAD_CODE]] * 5 + [[TOO_MANY_TRIES]] + [[]] * 2
    good = code_for(office)
    assert office.told(office.from_(NEW, good)) == []
    office.clock.passes(hours=1)
    assert "满云" in office.told(office.from_(NEW, good))[0]


def test_another_account_is_not_kept_from_joining_by_that(office: Office) -> None:
    for n in range(2, 9):
        office.told(office.from_(NEW, f"ABCDEFGHJ{n}"))
    assert "满云" in office.told(office.from_("778", code_for(office)))[0]


def test_a_wrong_code_that_is_delivered_again_is_one_try(office: Office) -> None:
    wrong = office.from_(NEW, "ABCDEFGHJK")
    for _ in range(8):
        office.receive(wrong)
    assert office.texts(NEW) == [BAD_CODE]
    assert "满云" in office.told(office.from_(NEW, code_for(office)))[0]


def test_who_is_in_needs_no_code(office: Office) -> None:
    code = code_for(office, "luowei")
    assert office.told(office.from_("501", code)) == [ALREADY_BOUND]
    with Session(office.database) as session:
        owner = who_is(session, "telegram", "501")
        assert owner is not None
        assert owner.login == "tangning"
    assert "骆薇" in office.told(office.from_(NEW, code))[0]


def test_a_code_stays_nowhere(office: Office) -> None:
    code = code_for(office)
    office.told(office.from_("501", code))
    office.told(office.from_(NEW, f"/start {code}"))
    office.told(office.from_("778", code))
    kept = [message.model_dump() for message in office.messages()]
    kept += [row.model_dump() for chat in (NEW, "501", "778") for row in office.queued(chat)]
    assert len(kept) == 4
    assert code not in str(kept)
    assert [message.body for message in office.messages()] == [CODE_HIDDEN]


def test_who_left_the_company_is_a_stranger(office: Office) -> None:
    with Session(office.database) as session:
        person = session.exec(select(Person).where(Person.login == "tangning")).one()
        person.active = False
        session.commit()
    assert office.told(office.from_("501", "下一个该见谁")) == [STRANGER]


def test_a_message_is_kept_with_where_it_came_from(office: Office) -> None:
    received = office.kept(office.from_("501", VISIT, id="501:9", chat="c-501"))
    (message,) = office.messages()
    assert (message.id, message.body) == (received.message_id, VISIT)
    assert (message.platform_id, message.account, message.chat) == ("501:9", "501", "c-501")
    with Session(office.database) as session:
        account = find_account(session, "telegram", "501")
        assert account is not None
        assert (account.chat, account.seen_at) == ("c-501", NOW)


def test_what_is_kept_comes_back_as_it_was_said(office: Office) -> None:
    media = Media(MediaKind.OTHER, "p1", name="图片")
    said = office.from_("501", VISIT, press=None, edits="501:1", media=media)
    again, received = office.dispatcher.recall(office.kept(said).message_id)
    assert again == said
    assert received.person.login == "tangning"


def test_an_id_of_somebody_elses_message_opens_nothing(office: Office) -> None:
    office.kept(office.from_("501", VISIT, id="1"))
    assert office.told(office.from_("503", "我的", id="1")) == []
    assert office.told(office.from_(NEW, "我的", id="1")) == []
    assert [message.body for message in office.messages()] == [VISIT]


def at_once(office: Office, incoming: Incoming, times: int = 4) -> list[Received | Closed]:
    """The platform delivers it several times at the same moment."""
    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(office.receive, [incoming] * times))


def test_a_message_that_comes_twice_at_once_is_kept_once(office: Office) -> None:
    got = at_once(office, office.from_("501", VISIT))
    assert len({received.message_id for received in got if isinstance(received, Received)}) == 1
    assert len(office.messages()) == 1


def test_a_stranger_who_is_heard_twice_at_once_is_told_once(office: Office) -> None:
    at_once(office, office.from_(NEW, "在吗"))
    assert office.texts(NEW) == [STRANGER]


@pytest.mark.parametrize("known", [False, True], ids=["first words", "wrote before"])
def test_a_code_that_comes_twice_at_once_is_good(office: Office, known: bool) -> None:
    code = code_for(office)
    if known:
        office.told(office.from_(NEW, "在吗"))
    at_once(office, office.from_(NEW, code))
    (told,) = office.texts(NEW)[known:]
    assert "满云" in told


def test_a_text_that_is_too_long_is_told_once_and_not_kept(office: Office) -> None:
    long = office.from_("501", "见了沈主任。" * 600)
    first = office.told(long)
    assert "这段有 3600 字，一次最多 3000 字，还没有记下" in first[0]
    assert office.told(long) == first
    assert office.texts("501") == first
    assert office.messages() == []


def test_words_that_come_with_a_voice_are_masked_and_kept_apart(office: Office) -> None:
    voice = Media(MediaKind.VOICE, "v1", seconds=4.0)
    office.kept(office.from_("501", "沈怀安上个月开了30盒舒络宁", media=voice))
    (message,) = office.messages()
    assert message.body == ""
    assert "沈怀安" in message.media["caption"]
    assert "30" not in str(message.model_dump(include={"media", "body", "flags"}))
    assert [flag["code"] for flag in message.flags] == ["prescription_count"]


def test_strangers_of_long_ago_are_forgotten(office: Office) -> None:
    office.told(office.from_("701", "在吗"))
    office.told(office.from_("702", "ABCDEFGHJK"))
    office.clock.passes(days=20)
    office.told(office.from_("703", "ABCDEFGHJK"))
    office.told(office.from_("701", "ABCDEFGHJK"))
    with Session(office.database) as session:
        forget_strangers(session, NOW + timedelta(days=1))
        session.commit()
        assert set(session.exec(select(Stranger.account)).all()) == {"701", "703"}


def test_an_answer_at_the_door_waits_to_be_sent(office: Office) -> None:
    office.told(office.from_(NEW, "在吗"))
    with Session(office.database) as session:
        (row,) = session.exec(select(Delivery)).all()
    assert (row.channel, row.chat, row.status, row.due_at) == ("telegram", NEW, "waiting", NOW)


@pytest.mark.parametrize(
    "wrap",
    [
        "邀请码：{}",
        "唐宁（代表，tangning）的邀请码：{}\n3 天内有效，只能用一次",
        "/start {}",
        "  {}。",
    ],
)
def test_a_code_is_found_in_what_was_forwarded(office: Office, wrap: str) -> None:
    with Session(office.database) as session:
        person = session.exec(select(Person).where(Person.login == "luowei")).one()
        code = create_invite(session, person, now=NOW)
        session.commit()
    (told,) = office.told(office.from_("777", wrap.format(code)))
    assert "骆薇，您好" in told
    (again,) = office.told(office.from_("778", wrap.format(f"{code[:3]}-{code[3:]}")))
    assert "用不了" in again


def test_a_code_with_a_letter_too_few_is_said_to_be_wrong(office: Office) -> None:
    (told,) = office.told(office.from_("777", "ABCD2345"))
    assert "10 位" in told
