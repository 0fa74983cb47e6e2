"""The rep hears who was really told, and a colleague can take an alarm up where it stands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from bot.messages import Reply
from bot.telling import LOST, UNBOUND
from storage.accounts import lose, unbind
from storage.audit import AuditEntry
from storage.deliveries import Delivery
from storage.flags import ComplianceFlag, FlagStatus
from storage.people import Person, Role
from tests.office import RASH, Office, bind, opened
from tests.serving.outages import NOW

COMA = "有个病人吃了舒络宁休克抢救了"
GIFT = "刚见了沈怀安主任，聊了十分钟，给他送了两条中华烟。"
ASKED = "刚见了沈怀安主任，聊了十分钟，他问孩子能不能用舒络宁。"


@pytest.fixture
def office(database: Engine, tmp_path: Path) -> Office:
    return opened(database, tmp_path)


def unbound(office: Office) -> None:
    """The compliance colleague has no chat account any more."""
    with Session(office.database) as session:
        unbind(session, office.id_of("kangjie"), now=NOW, actor_id=None)
        session.commit()


def gone(office: Office) -> None:
    """Nothing reaches her account."""
    with Session(office.database) as session:
        lose(session, "telegram", "502", now=NOW)
        session.commit()


def hire_another(office: Office, account: str | None = None) -> None:
    """A second compliance colleague."""
    with Session(office.database) as session:
        session.add(Person(login="tangkewei", name="汤可为", role=Role.COMPLIANCE))
        session.flush()
        if account is not None:
            bind(session, "tangkewei", account, NOW)
        session.commit()


def alert(said: list[Reply]) -> Reply:
    """The one alert among what was said."""
    (found,) = [reply for reply in said if reply.text.startswith("【合规提醒】")]
    return found


CUT_OFF = pytest.mark.parametrize(("cut_off", "why"), [(unbound, UNBOUND), (gone, LOST)])


@CUT_OFF
@pytest.mark.parametrize("words", [RASH, COMA])
def test_that_nobody_was_told_stands_first(
    office: Office, cut_off: Callable[[Office], None], why: str, words: str
) -> None:
    cut_off(office)
    lines = alert(office.handle(office.from_("501", words))).text.splitlines()
    assert lines[1] == f"还没有通知到人：康洁（{why}）。请您现在就打电话。"
    assert not any("已通知" in line for line in lines)


@CUT_OFF
def test_who_is_out_of_reach_is_named_beside_who_was_told(
    office: Office, cut_off: Callable[[Office], None], why: str
) -> None:
    hire_another(office, "504")
    cut_off(office)
    said = alert(office.handle(office.from_("501", RASH))).text
    assert f"已通知：汤可为（合规）。还没送到康洁（{why}），请您转告。" in said.splitlines()


def test_what_is_not_urgent_is_told_without_a_call(office: Office) -> None:
    unbound(office)
    said = alert(office.handle(office.from_("501", GIFT))).text
    assert f"还没有通知到人：康洁（{UNBOUND}）。请您直接联系。" in said
    said = alert(office.handle(office.from_("501", ASKED))).text
    assert f"还没有通知到人：满云（{UNBOUND}）。请您直接联系。" in said


@CUT_OFF
def test_what_is_added_is_not_said_to_be_passed_on(
    office: Office, cut_off: Callable[[Office], None], why: str
) -> None:
    office.handle(office.from_("501", RASH))
    cut_off(office)
    (added,) = office.handle(office.from_("501", "女，六十多岁"))[:1]
    assert f"还没有转告到人：康洁（{why}）。请您现在就打电话。" in added.text
    assert "已转告" not in added.text
    hire_another(office, "504")
    (added,) = office.handle(office.from_("501", "批号A1"))[:1]
    assert f"已转告汤可为。还没送到康洁（{why}），请您转告。" in added.text


def test_it_goes_out_when_the_account_is_there(office: Office) -> None:
    unbound(office)
    office.handle(office.from_("501", RASH))
    with Session(office.database) as session:
        bind(session, "kangjie", "888", NOW)
        session.commit()
    texts = [reply.text for reply in office.handle(office.from_("888", "帮助"))]
    assert any(text.startswith("【疑似不良事件】唐宁") for text in texts)


def test_at_the_terminal_everybody_is_in_reach(office: Office) -> None:
    unbound(office)
    said = office.handle(office.from_("tangning", RASH, channel="terminal"))
    assert "已通知：康洁（合规）" in alert(said).text


def alarm(office: Office, chat: str) -> Delivery:
    """The alarm that a colleague got, as it was sent."""
    (row,) = [row for row in office.queued(chat) if row.body["text"].startswith("【疑似")]
    with Session(office.database) as session:
        row.sent_id = "77"
        session.add(row)
        session.commit()
        session.refresh(row)
    return row


def test_an_alarm_is_taken_up_where_it_stands_once(office: Office) -> None:
    hire_another(office, "504")
    office.handle(office.from_("501", RASH))
    row = alarm(office, "502")
    ((label, button),) = row.body["buttons"]
    assert label == "由我处理"
    (taken,) = office.handle(office.from_("502", press=button, pressed_on="77"))
    assert taken.text.startswith("已登记由您处理。")
    assert office.queued("502")[-1].over == "77"
    for account in ("502", "504"):
        (again,) = office.handle(office.from_(account, press=button))
        assert again.text == "这一条已经由康洁处理了。"
    with Session(office.database) as session:
        (flag,) = session.exec(select(ComplianceFlag)).all()
        acts = session.exec(select(AuditEntry.action)).all()
    assert (flag.status, flag.acknowledged_by_id) == (
        FlagStatus.ACKNOWLEDGED,
        office.id_of("kangjie"),
    )
    assert acts.count("flag.acknowledge") == 1


def test_only_those_who_take_up_alarms_have_the_button(office: Office) -> None:
    office.handle(office.from_("501", RASH))
    ((_, button),) = alarm(office, "502").body["buttons"]
    (refused,) = office.handle(office.from_("501", press=button))[-1:]
    assert "合规来做" in refused.text
    with Session(office.database) as session:
        colleague = session.exec(select(Person).where(Person.login == "kangjie")).one()
        colleague.active = False
        session.commit()
        assert session.exec(select(ComplianceFlag.status)).all() == [FlagStatus.OPEN]
    said = alert(office.handle(office.from_("503", "田牧野说又有个病人吃了舒络宁头晕得厉害")))
    assert "已通知：管理员（管理员）" in said.text
    assert alarm(office, "900").body["buttons"] == []
