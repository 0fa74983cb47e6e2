"""The territory in chat: an admin sends a file, or asks for one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import Session, select

from bot.messages import Attachment, Reply
from bot.policy import DEFAULT_POLICY, load_policy
from bot.territory import TerritoryError
from bot.turn import Turn
from handlers.territory import ADMIN, export_file, import_sent_file, import_sent_old_file
from storage.accounts import TERMINAL
from storage.audit import AuditEntry
from storage.customers import Customer, Rating
from storage.people import Person, Role
from tests.territory.files import good_sheets, save, with_cell

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.fixture
def turn(session: Session, tmp_path: Path) -> Turn:
    """The first admin, who speaks."""
    admin = Person(login="root", name="管小元", role=Role.ADMIN)
    session.add(admin)
    session.commit()
    policy = load_policy(DEFAULT_POLICY)
    return Turn(
        session=session,
        person=admin,
        now=NOW,
        policy=policy,
        message_id=None,
        files=tmp_path,
        channel=TERMINAL,
    )


def sent(path: Path) -> Attachment:
    return Attachment("territory.xlsx", path, "application/octet-stream")


def test_a_file_that_an_admin_sends_is_imported(turn: Turn, tmp_path: Path) -> None:
    reply = import_sent_file.run(turn, sent(save(tmp_path / "t.xlsx", good_sheets())))
    assert isinstance(reply, Reply)
    assert "客户：新增 3，更新 0，没变 0" in reply.text
    (entry,) = turn.session.exec(select(AuditEntry)).all()
    assert entry.actor_id == turn.me
    assert set(turn.session.exec(select(Rating.set_by_id))) == {turn.me}


def test_a_file_with_mistakes_changes_nothing(turn: Turn, tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", with_cell(good_sheets(), "客户", 2, "分层", "金牌"))
    with pytest.raises(TerritoryError, match="「客户」第 2 行 H 列「分层」：写的是「金牌」"):
        import_sent_file.run(turn, sent(path))
    turn.session.commit()
    assert turn.session.exec(select(Customer)).all() == []


def test_an_old_file_gets_told_how_to_save_it(turn: Turn, tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600)
    with pytest.raises(TerritoryError, match="另存为「Excel 工作簿"):
        import_sent_old_file.run(turn, sent(path))


def test_the_export_comes_as_an_attachment(turn: Turn, tmp_path: Path) -> None:
    import_sent_file.run(turn, sent(save(tmp_path / "t.xlsx", good_sheets())))
    reply = export_file.run(turn, None)
    assert isinstance(reply, Reply)
    (file,) = reply.attachments
    assert file.name == "客户资料-20261123.xlsx"
    assert load_workbook(file.path).sheetnames == ["人员", "医院", "客户", "产品"]


def test_only_admins_may() -> None:
    declared = (import_sent_file, import_sent_old_file, export_file)
    assert {ability.roles for ability in declared} == {ADMIN} == {frozenset({Role.ADMIN})}
