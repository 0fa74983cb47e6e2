"""What is due goes out once, in waking hours, to the right person; what is over waits for the
briefing. The kinds here are played: what they choose is set by each test."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session, col, select

from benchmarks.team import build_team, plant_team
from bot.domain.clock import SHANGHAI
from bot.domain.pushing import Due
from bot.messages import Button, Reply
from bot.policy import load_policy
from bot.push_items import Place
from bot.push_report import report_pushes
from bot.pusher import Pusher
from bot.pushes import Push, Told, push
from storage.deliveries import STALE, Delivery, DeliveryStatus
from storage.people import Account, Person
from storage.push_settings import setting_of
from storage.pushes import Pushed, PushStatus
from tests.office import Office, capabilities, opened

TUESDAY = datetime(2026, 11, 3, 10, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 3, 23, 0, tzinfo=SHANGHAI)


@contextmanager
def recorded(database: Engine) -> Iterator[list[str]]:
    """The statements of a while."""
    said: list[str] = []

    def keep(_: object, __: object, statement: str, *more: object) -> None:
        said.append(statement)

    event.listen(database, "before_cursor_execute", keep)
    yield said
    event.remove(database, "before_cursor_execute", keep)


@dataclass
class Played:
    """Pushes of two kinds, one of which may come at night, and a briefing."""

    dues: list[Due] = field(default_factory=list)
    alarms: list[Due] = field(default_factory=list)
    briefings: list[Due] = field(default_factory=list)

    def kinds(self) -> tuple[Push, ...]:
        return (
            _kind("note", self.dues, deputised=True),
            _kind("alarm", self.alarms, at_night=True),
            _kind("briefing", self.briefings, takes_held=True),
        )


def _kind(name: str, dues: list[Due], **how: Any) -> Push:
    def say(told: Told) -> Reply:
        lines = [*(due.line for due in told.dues), *(f"补：{line}" for line in told.held)]
        return Reply("\n".join(lines), (Button("好", "todo.page:0"),))

    return push(kind=name, title=name, read=lambda *_: [1], choose=lambda *_: list(dues), **how)(
        say
    )


@dataclass
class Stage:
    """The office with played pushes."""

    office: Office
    played: Played
    pusher: Pusher

    def due(self, login: str, subject: str = "a", at: datetime = TUESDAY, **more: object) -> Due:
        given = {"period": "1", "until": at + timedelta(hours=4), "line": f"说{subject}", **more}
        return Due(self.office.id_of(login), subject, at=at, **given)  # type: ignore[arg-type]

    def rows(self) -> list[Pushed]:
        with Session(self.office.database) as session:
            return list(session.exec(select(Pushed).order_by(col(Pushed.id))).all())

    def statuses(self) -> list[PushStatus]:
        return [row.status for row in self.rows()]


@pytest.fixture
def stage(database: Engine, tmp_path: Path) -> Stage:
    office, played = opened(database, tmp_path), Played()
    return Stage(office, played, Pusher(database, played.kinds(), load_policy()))


def test_what_is_due_goes_out_once(stage: Stage) -> None:
    stage.played.dues += [
        stage.due("tangning"),
        stage.due("tangning", "b", TUESDAY.replace(hour=11)),
    ]
    stage.pusher.tick(TUESDAY - timedelta(seconds=1))
    assert stage.office.texts("501") == []
    for seconds in (0, 20, 40):
        stage.pusher.tick(TUESDAY + timedelta(seconds=seconds))
    assert stage.office.texts("501") == ["说a"]
    (row,) = stage.office.queued("501")
    assert (row.channel, row.status, row.key) == (
        "telegram",
        DeliveryStatus.WAITING,
        f"due-note:{row.person_id}:a:1",
    )


def test_a_clock_set_back_sends_nothing_twice(stage: Stage) -> None:
    first = stage.due("tangning", period="first", at=TUESDAY - timedelta(hours=2))
    stage.played.dues += [first, stage.due("tangning", period="second")]
    stage.pusher.tick(TUESDAY)
    for back in (timedelta(hours=1), timedelta(days=1), timedelta(0)):
        stage.pusher.tick(TUESDAY - back)
    assert len(stage.office.texts("501")) == 1


def test_late_ones_of_one_subject_are_one(stage: Stage) -> None:
    """Three stages came while nobody ticked: the last one is told."""
    stage.played.dues += [
        stage.due("tangning", period=str(hour), at=TUESDAY.replace(hour=hour), line=f"{hour}点")
        for hour in (9, 8, 10)
    ]
    stage.pusher.tick(TUESDAY)
    assert stage.office.texts("501") == ["10点"]


def test_what_is_of_no_use_any_more_is_dropped_with_a_record(stage: Stage) -> None:
    stage.played.dues.append(stage.due("tangning"))
    stage.pusher.tick(TUESDAY + timedelta(hours=4))
    assert stage.office.texts("501") == []
    assert [(row.status, row.reason) for row in stage.rows()] == [(PushStatus.DROPPED, "too_late")]


@pytest.mark.parametrize(
    "quiet",
    [NIGHT, TUESDAY.replace(hour=7, minute=59), datetime(2026, 11, 7, 12, 0, tzinfo=SHANGHAI)],
)
def test_only_what_is_urgent_comes_in_quiet_hours(stage: Stage, quiet: datetime) -> None:
    later = quiet + timedelta(days=4)
    stage.played.dues.append(stage.due("tangning", at=quiet, until=later))
    stage.played.alarms.append(stage.due("tangning", at=quiet, urgent=True, line="急"))
    stage.pusher.tick(quiet)
    assert stage.office.texts("501") == ["急"]
    stage.pusher.tick(load_policy().quiet_hours().first_allowed(quiet))
    assert stage.office.texts("501") == ["急", "说a"]


def test_six_a_day_and_the_rest_goes_into_the_next_briefing(stage: Stage) -> None:
    stage.played.dues += [stage.due("tangning", f"s{number}") for number in range(8)]
    stage.played.alarms += [stage.due("tangning", f"u{n}", urgent=True) for n in range(3)]
    stage.played.briefings.append(stage.due("tangning", "day", line="早"))
    stage.pusher.tick(TUESDAY)
    sent = stage.office.texts("501")
    assert sent[:3] == ["说u0", "说u1", "说u2"]
    assert sent[3:8] == [f"说s{number}" for number in range(5)]
    assert sent[8:] == ["早\n补：说s5\n补：说s6\n补：说s7"]
    assert stage.statuses().count(PushStatus.TOLD) == 3
    stage.played.dues.append(stage.due("tangning", "more", TUESDAY.replace(hour=12)))
    stage.pusher.tick(TUESDAY.replace(hour=12))
    assert len(stage.office.texts("501")) == 9
    stage.played.briefings.append(stage.due("tangning", "day2", TUESDAY + timedelta(days=1)))
    stage.pusher.tick(TUESDAY + timedelta(days=1))
    assert stage.office.texts("501")[9:] == ["说day2\n补：说more"]


def test_many_processes_at_once_say_it_once(stage: Stage) -> None:
    people = ("tangning", "luowei", "kangjie", "admin")
    stage.played.dues += [stage.due(login, f"s{n}") for login in people for n in range(7)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(stage.pusher.tick, [TUESDAY] * 8))
    stage.pusher.tick(TUESDAY)
    assert len(stage.rows()) == 28
    for chat in ("501", "503", "502", "900"):
        assert len(stage.office.texts(chat)) == len(set(stage.office.texts(chat))) == 5


def test_a_process_that_dies_in_the_middle_leaves_nothing_half_said(stage: Stage) -> None:
    stage.played.dues += [stage.due("tangning"), stage.due("luowei")]

    def die(_: object, __: object, statement: str, *more: object) -> None:
        if "INSERT INTO delivery" in statement:
            raise KeyboardInterrupt

    event.listen(stage.office.database, "before_cursor_execute", die)
    with pytest.raises(KeyboardInterrupt):
        stage.pusher.tick(TUESDAY)
    event.remove(stage.office.database, "before_cursor_execute", die)
    assert stage.rows() == []
    stage.pusher.tick(TUESDAY)
    assert (stage.office.texts("501"), stage.office.texts("503")) == (["说a"], ["说a"])


def test_a_kind_that_is_broken_does_not_silence_the_others(stage: Stage) -> None:
    def broken(*_: object) -> Any:
        raise ValueError("a bug")

    kinds = stage.played.kinds()
    bad = [replace(kinds[0], kind="bad", read=broken), replace(kinds[0], kind="worse", say=broken)]
    stage.played.dues.append(stage.due("tangning"))
    stage.played.alarms.append(stage.due("tangning", urgent=True, line="急"))
    pusher = Pusher(stage.office.database, (*bad, *kinds), load_policy())
    for _ in range(2):
        pusher.tick(TUESDAY)
    assert stage.office.texts("501") == ["急", "说a"]
    assert [row.reason for row in stage.rows() if row.kind == "worse"] == ["broken"]


def test_who_is_silent_gets_it_afterwards_and_the_urgent_at_once(stage: Stage) -> None:
    with Session(stage.office.database) as session:
        setting = setting_of(session, stage.office.id_of("tangning"), TUESDAY)
        setting.paused_until = TUESDAY + timedelta(hours=2)
        session.commit()
    stage.played.dues.append(stage.due("tangning"))
    stage.played.alarms.append(stage.due("tangning", urgent=True, line="急"))
    stage.pusher.tick(TUESDAY)
    assert stage.office.texts("501") == ["急"]
    stage.pusher.tick(TUESDAY + timedelta(hours=2))
    assert stage.office.texts("501") == ["急", "说a"]


def test_a_deputy_is_told_without_buttons_and_the_owner_not_again(stage: Stage) -> None:
    with Session(stage.office.database) as session:
        setting = setting_of(session, stage.office.id_of("tangning"), TUESDAY)
        setting.away_until, setting.deputy_id = date(2026, 11, 5), stage.office.id_of("luowei")
        session.commit()
    stage.played.dues.append(stage.due("tangning", until=TUESDAY + timedelta(days=9)))
    stage.pusher.tick(TUESDAY)
    (row,) = stage.office.queued("503")
    assert (row.body["text"], row.body["buttons"]) == ("【代唐宁】说a", [])
    stage.pusher.tick(TUESDAY + timedelta(days=2))
    assert stage.office.texts("501") == []


def test_a_deputy_who_has_left_is_none(stage: Stage) -> None:
    with Session(stage.office.database) as session:
        setting = setting_of(session, stage.office.id_of("tangning"), TUESDAY)
        setting.away_until, setting.deputy_id = date(2026, 11, 5), stage.office.id_of("luowei")
        session.exec(select(Person).where(Person.login == "luowei")).one().active = False
        session.commit()
    stage.played.alarms.append(stage.due("tangning", urgent=True))
    stage.pusher.tick(TUESDAY)
    assert stage.office.texts("501") == ["说a"]


def test_what_failed_and_is_over_by_now_is_told_in_one_line(stage: Stage) -> None:
    stage.played.dues += [stage.due("tangning"), stage.due("tangning", "b")]
    stage.pusher.tick(TUESDAY)
    with Session(stage.office.database) as session:
        for row in session.exec(select(Delivery)).all():
            row.status, row.problem, row.done_at = DeliveryStatus.FAILED, "blocked", TUESDAY
        session.commit()
    stage.office.clock.now = TUESDAY + timedelta(days=1)
    stage.office.handle(stage.office.from_("501", "帮助"))
    told = stage.office.texts("501")[2]
    assert told == "有 2 条提醒当时没送到，现在已经过时了。发「待办」看现在的。"


def test_who_has_no_account_hears_it_at_the_terminal_only(stage: Stage) -> None:
    stage.played.dues += [stage.due("shihong"), stage.due("tangning")]
    stage.pusher.tick(TUESDAY)
    said = stage.pusher.tick(TUESDAY, Place.TERMINAL)
    assert [(reply.to, reply.text) for reply in said] == [("shihong", "说a")]
    assert stage.office.texts("501") == ["说a"]
    (row,) = stage.office.queued("shihong")
    assert (row.channel, row.status) == ("terminal", DeliveryStatus.DELIVERED)


def test_what_is_urgent_for_somebody_without_an_account_alarms_the_admins(stage: Stage) -> None:
    stage.played.alarms.append(stage.due("shihong", urgent=True))
    stage.pusher.tick(TUESDAY)
    (row,) = stage.office.queued("")
    assert (row.status, row.problem) == (DeliveryStatus.FAILED, "no_account")
    assert ["石宏" in text for text in stage.office.texts("900")] == [True]


def test_nobody_is_written_to_where_nothing_arrives(stage: Stage) -> None:
    with Session(stage.office.database) as session:
        for account in session.exec(select(Account)).all():
            account.lost_at = TUESDAY
        session.commit()
    stage.played.dues.append(stage.due("tangning"))
    stage.pusher.tick(TUESDAY)
    assert stage.rows() == []


def test_what_came_too_late_on_its_way_is_told_in_the_briefing(stage: Stage) -> None:
    stage.played.dues.append(stage.due("tangning", until=TUESDAY + timedelta(days=9)))
    stage.pusher.tick(TUESDAY)
    with Session(stage.office.database) as session:
        row = session.exec(select(Delivery)).one()
        assert row.until == TUESDAY.replace(hour=21)
        row.status, row.problem = DeliveryStatus.FAILED, STALE
        session.commit()
    tomorrow = TUESDAY + timedelta(days=1)
    stage.played.briefings.append(stage.due("tangning", "day", tomorrow, line="早"))
    stage.pusher.tick(tomorrow)
    assert stage.office.texts("501")[1:] == ["早\n补：说a"]
    stage.played.briefings.append(stage.due("tangning", "d2", tomorrow + timedelta(days=1)))
    stage.pusher.tick(tomorrow + timedelta(days=1))
    assert stage.office.texts("501")[2:] == ["说d2"]


def test_the_clock_of_the_terminal_walks_through_every_moment(stage: Stage) -> None:
    moments = [TUESDAY + timedelta(hours=5 * number) for number in range(8)]
    stage.played.dues += [
        stage.due("shihong", f"s{n}", at, until=at + timedelta(days=1))
        for n, at in enumerate(moments)
    ]
    said = stage.pusher.advance(TUESDAY - timedelta(hours=1), TUESDAY + timedelta(days=1, hours=4))
    assert [reply.text for reply in said] == [f"说s{number}" for number in range(6)]
    made = [row.made_at.astimezone(SHANGHAI) for row in stage.rows()]
    assert [f"{one:%d %H:%M}" for one in made] == [
        "03 10:00",
        "03 15:00",
        "03 20:00",
        "04 08:00",
        "04 08:00",
        "04 11:00",
    ]


def test_the_report_says_what_waits_and_what_became_of_the_rest(stage: Stage) -> None:
    stage.played.dues += [stage.due("tangning", f"s{n}") for n in range(6)]
    stage.pusher.tick(TUESDAY)
    stage.played.alarms.append(stage.due("shihong", urgent=True))
    stage.played.dues.append(stage.due("luowei", "later", NIGHT))
    lines = list(report_pushes(stage.pusher, NIGHT))
    assert "· 11月3日（周二） 23:00 骆薇 note：安静时间、暂停或休假，等着" in lines
    assert (
        "· 11月3日（周二） 10:00 石宏 alarm：过了时候，不说了（没有聊天账号，只在终端说）" in lines
    )
    assert lines.count("· 11月3日（周二） 10:00 唐宁 note：在路上") == 5
    assert lines.count("· 11月3日（周二） 10:00 唐宁 note：今天满了，等下一次简报") == 1


def test_a_briefing_of_many_reps_takes_as_many_queries_as_of_one(database: Engine) -> None:
    """With the real kinds: candidates, promises, needs, drafts and plans are read for all."""
    team = build_team(30, customers=4)
    plant_team(database, team)
    pusher = Pusher(database, capabilities().pushes, load_policy())
    with Session(database) as session:
        accounts = list(session.exec(select(Account).order_by(col(Account.id))).all())
        for account in accounts[1:]:
            account.lost_at = TUESDAY
        session.commit()
        counts = []
        for _ in range(2):
            with recorded(database) as said:
                pusher.tick(TUESDAY)
            counts.append(sum("INSERT" not in one for one in said))
            for account in accounts:
                account.lost_at = None
            session.commit()
    with Session(database) as session:
        rows = session.exec(select(Delivery.chat)).all()
    assert len(rows) == len(set(rows)) == 30
    assert counts[0] == counts[1]


def test_more_people_do_not_mean_more_queries(stage: Stage) -> None:
    def count(people: Sequence[str], subject: str) -> int:
        stage.played.dues[:] = [stage.due(login, subject) for login in people]
        with recorded(stage.office.database) as said:
            stage.pusher.tick(TUESDAY)
        return sum("INSERT" not in one for one in said)

    assert count(["tangning"], "x") == count(["tangning", "luowei", "kangjie", "admin"], "y")
