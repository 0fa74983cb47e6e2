"""Importing a territory: what is new, what changed, what stays, and the history that is kept."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.territory import ImportReport, TerritoryError, import_territory
from storage.audit import AuditEntry, verify
from storage.customers import Customer, CustomerKind, CustomerTag, Ownership, Rating
from storage.people import Person, Role, Team
from storage.places import Department, Hospital
from storage.products import Product
from tests.territory.files import Sheets, good_sheets, save, with_cell, without_column

# 2026-11-24 in Shanghai, still the 23rd in UTC.
NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
LATER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def take(
    session: Session, folder: Path, sheets: Sheets, *, now: datetime = NOW, **options: Any
) -> ImportReport:
    path = save(folder / "t.xlsx", sheets)
    report = import_territory(session, path, now=now, **{"actor_id": None} | options)
    session.commit()
    return report


def customer(session: Session, name: str) -> Customer:
    return session.exec(select(Customer).where(Customer.name == name)).one()


def counts(report: ImportReport) -> dict[str, tuple[int, int, int]]:
    return {c.sheet: (c.added, c.updated, c.same) for c in report.sheets}


def test_everything_of_the_file_arrives(session: Session, tmp_path: Path) -> None:
    report = take(session, tmp_path, good_sheets())
    assert counts(report) == {
        "人员": (4, 0, 0),
        "医院": (2, 0, 0),
        "客户": (3, 0, 0),
        "产品": (1, 0, 0),
    }
    yin = customer(session, "殷书怀")
    assert (yin.kind, yin.tier.label, yin.potential, yin.attitude, yin.relationship) == (
        *(CustomerKind.DOCTOR, "KOL"),
        *(5, 3, 4),
    )
    assert (yin.interests, yin.style) == (["心衰"], "严谨,看数据")
    assert (yin.clinic_hours, yin.remark) == ("周二上午;周四上午", "科里叫大殷主任")
    assert "大殷主任" in yin.aliases
    tags = session.exec(select(CustomerTag.tag).where(CustomerTag.customer_id == yin.id)).all()
    assert set(tags) == {"KOL", "药事会成员"}
    assert (hospital := session.get(Hospital, yin.hospital_id))
    assert (hospital.aliases, hospital.longitude) == (["市人民", "人民医院"], 103.5)
    assert (product := session.exec(select(Product)).one())
    assert (product.indication, product.competitors) == ("成人原发性高血压", ["降达"])


def test_people_get_their_team_and_their_manager(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    rep = session.exec(select(Person).where(Person.login == "qiaoan")).one()
    boss = session.get(Person, rep.manager_id)
    team = session.get(Team, rep.team_id)
    assert boss
    assert team
    assert (rep.role, boss.login, boss.role) == (Role.REP, "fangke", Role.MANAGER)
    assert (team.name, boss.team_id, boss.manager_id) == ("岚山一组", rep.team_id, None)


def test_a_pharmacy_without_department_gets_the_main_one(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    shop = customer(session, "康宁总店")
    assert (department := session.get(Department, shop.department_id))
    assert department.name == "本部"


def test_the_first_import_starts_the_history(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    yin = customer(session, "殷书怀")
    rating = session.exec(select(Rating).where(Rating.customer_id == yin.id)).one()
    assert (rating.tier, rating.potential, rating.effective_on, rating.reason) == (
        *(yin.tier, 5),
        *(TODAY, "导入"),
    )
    owned = session.exec(select(Ownership).where(Ownership.customer_id == yin.id)).one()
    assert (owned.person_id, owned.from_day, owned.until_day) == (yin.owner_id, TODAY, None)


def test_the_same_file_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    report = take(session, tmp_path, good_sheets(), now=LATER)
    assert counts(report) == {
        "人员": (0, 0, 4),
        "医院": (0, 0, 2),
        "客户": (0, 0, 3),
        "产品": (0, 0, 1),
    }
    assert report.changes == []
    assert len(session.exec(select(Rating)).all()) == 3
    assert len(session.exec(select(Ownership)).all()) == 3


def test_a_changed_tier_is_dated_and_told(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    sheets = with_cell(good_sheets(), "客户", 3, "分层", "kol")
    report = take(session, tmp_path, sheets, now=LATER)
    assert "客户：新增 0，更新 1，没变 2" in report.text
    assert "· 傅小棠 分层：重点 → KOL" in report.text
    fu = customer(session, "傅小棠")
    history = session.exec(
        select(Rating).where(Rating.customer_id == fu.id).order_by(col(Rating.id))
    ).all()
    assert [(r.tier.label, r.effective_on) for r in history] == [
        ("重点", TODAY),
        ("KOL", date(2026, 12, 1)),
    ]


def test_a_new_owner_closes_the_old_ownership(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    sheets = with_cell(good_sheets(), "客户", 3, "负责代表", "qiaoan")
    report = take(session, tmp_path, sheets, now=LATER)
    assert "· 傅小棠 负责代表：luqi → qiaoan" in report.text
    fu = customer(session, "傅小棠")
    spans = session.exec(
        select(Ownership).where(Ownership.customer_id == fu.id).order_by(col(Ownership.id))
    ).all()
    assert [(s.from_day, s.until_day) for s in spans] == [
        (TODAY, date(2026, 12, 1)),
        (date(2026, 12, 1), None),
    ]
    assert len(session.exec(select(Rating).where(Rating.customer_id == fu.id)).all()) == 1


def test_tags_are_replaced_and_their_order_means_nothing(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    turned = with_cell(good_sheets(), "客户", 2, "标签", "药事会成员；KOL")
    assert take(session, tmp_path, turned).changes == []
    report = take(session, tmp_path, with_cell(turned, "客户", 2, "标签", "KOL、院士"))
    assert "标签：KOL;药事会成员 → KOL;院士" in report.text
    yin = customer(session, "殷书怀")
    tags = session.exec(select(CustomerTag.tag).where(CustomerTag.customer_id == yin.id)).all()
    assert set(tags) == {"KOL", "院士"}


def test_an_emptied_cell_empties_the_field(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    report = take(session, tmp_path, with_cell(good_sheets(), "客户", 2, "沟通风格", None))
    assert "沟通风格：严谨,看数据 → （空）" in report.text
    assert customer(session, "殷书怀").style is None


def test_a_column_left_out_leaves_the_field_alone(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    sheets = without_column(good_sheets(), "客户", ["沟通风格", "标签", "备注"])
    assert take(session, tmp_path, sheets).changes == []
    assert customer(session, "殷书怀").style == "严谨,看数据"


def test_a_nickname_that_a_rep_confirmed_outlives_a_new_remark(
    session: Session, tmp_path: Path
) -> None:
    take(session, tmp_path, good_sheets())
    yin = customer(session, "殷书怀")
    yin.aliases = [*yin.aliases, "殷院长"]
    session.commit()
    take(session, tmp_path, with_cell(good_sheets(), "客户", 2, "备注", "科里叫老殷主任"))
    aliases = customer(session, "殷书怀").aliases
    assert "殷院长" in aliases
    assert "老殷主任" in aliases
    assert "大殷主任" not in aliases


def test_customers_missing_from_the_file_are_left_alone_and_counted(
    session: Session, tmp_path: Path
) -> None:
    take(session, tmp_path, good_sheets())
    sheets = good_sheets()
    del sheets["客户"][2:]
    report = take(session, tmp_path, sheets)
    assert report.left_alone == 2
    assert "库里另有 2 位客户不在文件里，保持原样。" in report.text
    assert customer(session, "傅小棠")


def test_colleagues_missing_from_the_file_stay_and_are_counted(
    session: Session, tmp_path: Path
) -> None:
    assert "同事" not in take(session, tmp_path, good_sheets()).text
    sheets = good_sheets()
    del sheets["人员"][2]
    report = take(session, tmp_path, sheets)
    assert "没在表里的同事 1 位，保持不变。" in report.text
    assert session.exec(select(Person).where(Person.login == "luqi")).one().role is Role.REP


def test_a_rep_who_becomes_something_else_with_customers_is_pointed_out(
    session: Session, tmp_path: Path
) -> None:
    take(session, tmp_path, good_sheets())
    sheets = with_cell(good_sheets(), "人员", 3, "角色", "医学")
    del sheets["客户"][2:]
    report = take(session, tmp_path, sheets)
    assert report.warnings == [
        "陆琪 从代表改成了医学，名下还有 2 位客户，请在「客户」表里换负责代表。"
    ]
    assert "请留意：陆琪 从代表改成了医学" in report.text


def test_a_rep_who_becomes_a_manager_keeps_the_customers_without_a_word(
    session: Session, tmp_path: Path
) -> None:
    take(session, tmp_path, good_sheets())
    assert not take(session, tmp_path, with_cell(good_sheets(), "人员", 3, "角色", "主管")).warnings


@pytest.mark.parametrize("between", [";", "；", "、", "，", " ； "])
def test_items_of_a_list_may_be_separated_as_people_type(
    between: str, session: Session, tmp_path: Path
) -> None:
    said = between.join(("KOL", "青年医师"))
    take(session, tmp_path, with_cell(good_sheets(), "客户", 2, "标签", said))
    tags = select(CustomerTag.tag).where(CustomerTag.customer_id == customer(session, "殷书怀").id)
    assert sorted(session.exec(tags)) == ["KOL", "青年医师"]


def test_a_file_may_refer_to_what_is_there_already(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    sheets = good_sheets()
    del sheets["人员"][1:], sheets["医院"][1:]
    assert take(session, tmp_path, sheets).changes == []


def test_the_same_name_in_another_department_is_somebody_else(
    session: Session, tmp_path: Path
) -> None:
    take(session, tmp_path, good_sheets())
    report = take(session, tmp_path, with_cell(good_sheets(), "客户", 2, "科室", "神经内科"))
    assert counts(report)["客户"] == (1, 0, 2)


def test_the_last_admin_cannot_be_taken_away(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    with pytest.raises(TerritoryError, match="导入后就没有管理员了（root 的角色被改掉）"):
        take(session, tmp_path, with_cell(good_sheets(), "人员", 5, "角色", "代表"))


@pytest.mark.parametrize(
    ("header", "value", "read"),
    [
        ("分层", "KOL型", ("tier", "kol")),
        ("分层", " 重点合作型 ", ("tier", "key")),
        ("分层", "Potential", ("tier", "potential")),
        ("潜力P", "４", ("potential", 4)),
        ("潜力P", 4.0, ("potential", 4)),
        ("学术兴趣", "甲；乙、 丙 ;;甲", ("interests", ["甲", "乙", "丙"])),
        ("门诊时间", "周一上午；周三下午", ("clinic_hours", "周一上午;周三下午")),
        ("备注", " 两\n行 \u200b ", ("remark", "两 行")),
        ("行政职务", 2, ("post", "2")),
    ],
)
def test_spellings_that_people_use(
    session: Session, tmp_path: Path, header: str, value: Any, read: tuple[str, Any]
) -> None:
    take(session, tmp_path, with_cell(good_sheets(), "客户", 2, header, value))
    assert getattr(customer(session, "殷书怀"), read[0]) == read[1]


def test_a_login_of_digits_is_text(session: Session, tmp_path: Path) -> None:
    sheets = with_cell(good_sheets(), "人员", 2, "账号", 1001)
    sheets = with_cell(sheets, "客户", 2, "负责代表", 1001)
    take(session, tmp_path, sheets)
    assert session.exec(select(Person).where(Person.login == "1001")).one()


def test_blank_rows_and_other_sheets_are_skipped(session: Session, tmp_path: Path) -> None:
    sheets = good_sheets() | {"说明": [["怎么填"], ["照着填"]]}
    sheets["客户"][1:1] = [[None] * 17, ["", " ", *[None] * 15]]
    assert counts(take(session, tmp_path, sheets))["客户"] == (3, 0, 0)


def test_each_import_is_on_the_audit_trail(session: Session, tmp_path: Path) -> None:
    take(session, tmp_path, good_sheets())
    (entry,) = session.exec(select(AuditEntry)).all()
    assert (entry.action, entry.actor_id, entry.at) == ("territory.import", None, NOW)
    assert entry.detail["sheets"]["客户"] == [3, 0, 0]
    assert verify(session) == []


def test_progress_is_told_for_both_passes(session: Session, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    take(session, tmp_path, good_sheets(), progress=lambda *step: told.append(step))
    assert told == [("检查", 3, 3), ("写入", 3, 3)]


def test_several_batches_are_one_import(session: Session, tmp_path: Path) -> None:
    sheets = good_sheets()
    sheets["客户"] += [[f"客户{n}", *sheets["客户"][2][1:]] for n in range(1_200)]
    assert counts(take(session, tmp_path, sheets))["客户"] == (1_203, 0, 0)
    changed = with_cell(sheets, "客户", 1_100, "负责代表", "qiaoan")
    assert counts(take(session, tmp_path, changed))["客户"] == (0, 1, 1_202)
    assert len(session.exec(select(Ownership.id)).all()) == 1_204
