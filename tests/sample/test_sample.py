"""The sample: invented, the same every time, realistic, and made the way real notes are."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session, col, func, select

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import local_day
from bot.domain.tiers import Tier
from bot.domain.when import find_days
from bot.policy import load_policy
from bot.sample.customers import SAMPLE_REP, sample_territory
from bot.sample.episodes import say_due
from bot.sample.history import seed_sample, visit_days
from bot.sample.territory import Territory
from storage.accounts import with_login
from storage.customers import Customer
from storage.database import open_engine
from storage.migrate import migrate
from storage.next_steps import NextStep, StepStatus
from storage.notebook import visit_of
from storage.notes import NoteCustomer, NoteStatus, VisitNote
from storage.people import Person

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def territory() -> Territory:
    return sample_territory()


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """A session on the sample as it is on NOW."""
    engine = open_engine(f"sqlite:///{tmp_path_factory.mktemp('sample') / 'sample.db'}")
    migrate(engine)
    with Session(engine) as session:
        seed_sample(session, load_policy(), now=NOW)
        session.commit()
        yield session
    engine.dispose()


def test_the_territory_is_the_same_every_time(territory: Territory) -> None:
    assert sample_territory() == territory


def test_every_customer_has_a_name_of_their_own(territory: Territory) -> None:
    names = Counter(customer.name for customer in territory.customers)
    assert [name for name, count in names.items() if count > 1] == []


def test_each_rep_has_a_portfolio_and_everybody_a_role(territory: Territory) -> None:
    owned = Counter(customer.rep for customer in territory.customers)
    assert owned.keys() == {p.login for p in territory.people if p.role == "代表"}
    assert min(owned.values()) >= 15
    assert {p.role for p in territory.people} == {"代表", "主管", "医学", "合规", "管理员"}


def test_two_are_called_alike_in_one_department(territory: Territory) -> None:
    li = [c for c in territory.customers if c.name.startswith("李")]
    assert len({(c.hospital, c.department, c.rep) for c in li}) == 1
    assert len(li) == 2


def test_a_quarter_of_visits_ends_yesterday_on_working_days(seeded: Session) -> None:
    days = seeded.exec(select(col(VisitNote.visit_date))).all()
    calendar = WorkCalendar()
    assert 250 <= len(days) <= 400
    assert max(days) < TODAY
    assert min(days) >= TODAY - timedelta(days=95)
    assert all(calendar.is_workday(day) for day in days)


def test_nobody_is_in_two_places_at_once(seeded: Session) -> None:
    when = seeded.exec(
        select(col(VisitNote.author_id), col(VisitNote.visit_date), col(VisitNote.start_time))
    ).all()
    assert len(set(when)) == len(when)


def test_notes_are_true_to_their_dictation(seeded: Session) -> None:
    for note in seeded.exec(select(VisitNote)).all():
        visit = visit_of(note)
        said = [q.text for q in visit.quotes]
        said += [s.evidence for s in visit.next_steps]
        said += [u.evidence for u in visit.profile_updates]
        said += [n.evidence for n in visit.needs]
        said += [*visit.objections, *visit.competitors]
        assert all(words in note.dictation for words in said)
        assert note.status is NoteStatus.CONFIRMED


def test_promised_days_are_what_the_assistant_reads_from_the_words(seeded: Session) -> None:
    calendar = WorkCalendar()
    for note in seeded.exec(select(VisitNote)).all():
        for step in visit_of(note).next_steps:
            found = find_days(step.due_phrase or "", now=note.said_at, calendar=calendar)
            assert [day.day for day in found] == [step.due], (note.visit_date, step.due_phrase)


def test_some_promises_are_overdue_some_open_most_kept(seeded: Session) -> None:
    steps = seeded.exec(select(NextStep)).all()
    open_ones = [step for step in steps if step.status == StepStatus.OPEN]
    assert any(step.due_on and step.due_on < TODAY for step in open_ones)
    assert any(step.due_on and step.due_on >= TODAY for step in open_ones)
    assert len(open_ones) < len(steps) / 3


def test_the_sample_rep_has_overdue_kols(seeded: Session) -> None:
    rep = with_login(seeded, SAMPLE_REP)
    assert rep is not None
    last = (
        select(Customer.id, func.max(NoteCustomer.visit_date))
        .join(NoteCustomer, col(NoteCustomer.customer_id) == Customer.id)
        .where(Customer.owner_id == rep.id, Customer.tier == Tier.KOL)
        .group_by(col(Customer.id))
    )
    overdue = load_policy().cadence_of(Tier.KOL).due_days
    assert any((TODAY - day).days > overdue for _, day in seeded.exec(last).all())


def test_the_same_day_gives_the_same_sample(seeded: Session) -> None:
    engine = open_engine("sqlite://")
    migrate(engine)
    with Session(engine) as session:
        seed_sample(session, load_policy(), now=NOW + timedelta(hours=3))
        again = session.exec(select(VisitNote.dictation).order_by(col(VisitNote.id))).all()
    engine.dispose()
    first = seeded.exec(select(VisitNote.dictation).order_by(col(VisitNote.id))).all()
    assert again == first


def test_a_sample_day_is_a_day_in_china(seeded: Session) -> None:
    assert local_day(NOW) == TODAY
    people = seeded.exec(select(func.count()).select_from(Person)).one()
    assert people == len(sample_territory().people)


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2026, 11, 6), "周五前"),
        (date(2026, 11, 11), "下周三前"),
        (date(2026, 11, 20), "11月20号前"),
    ],
)
def test_a_due_day_as_a_rep_says_it_on_a_tuesday(due: date, said: str) -> None:
    assert say_due(due, date(2026, 11, 3)) == said


def test_visits_of_a_tier_go_back_from_yesterday() -> None:
    days = list(visit_days(Tier.KEY, TODAY, random.Random(5), WorkCalendar()))  # noqa: S311
    assert days == sorted(days, reverse=True)
    assert days[0] < TODAY
