"""A quarter of sample visits until yesterday: who was seen when, what was kept, what is open."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlmodel import Session, select

from bot.domain.calendar import WorkCalendar
from bot.domain.clock import SHANGHAI, local_day
from bot.domain.note import KnownCustomer
from bot.domain.tiers import Tier
from bot.domain.timeliness import judge
from bot.policy import Policy
from bot.sample.customers import SEED, sample_territory
from bot.sample.episodes import Scene, Topic, tell, topics_for
from bot.sample.territory import CustomerEntry, Territory, plant
from storage.customers import Customer, FactStatus
from storage.needs import NeedStatus
from storage.next_steps import StepStatus
from storage.recording import Clocks, Recorded, store_confirmed

QUARTER_DAYS = 92
HOURS = (9, 10, 11, 14, 15, 16)
ENGINE = "sample"

_GAPS = {Tier.KOL: (14, 20), Tier.KEY: (5, 8), Tier.POTENTIAL: (20, 30)}
"""Days between two visits, near what the default cadence asks for."""
_LAST = {Tier.KOL: (2, 30), Tier.KEY: (1, 12), Tier.POTENTIAL: (2, 45)}
"""Days since the last visit: some customers are overdue."""
_NEVER_SEEN = 0.04
_PRODUCTS = {"心内科": (0, 1, 3), "内分泌科": (2,), "肾内科": (0, 2), "老年科": (0, 1)}
"""Which products (by their place in the file) are talked about in which department."""


def seed_sample(session: Session, policy: Policy, *, now: datetime) -> int:
    """Fill an empty database, the same every time on one day; the number of visits."""
    today = local_day(now)
    territory = sample_territory()
    plant(session, territory, since=today - timedelta(days=QUARTER_DAYS))
    return _Quarter(session, policy, territory, today).live()


class _Quarter:
    """Three months of work of the sample reps."""

    def __init__(self, session: Session, policy: Policy, territory: Territory, today: date) -> None:
        self._session = session
        self._policy = policy
        self._territory = territory
        self._today = today
        self._calendar = policy.work_calendar()
        self._clocks = Clocks(needs=policy.need_clocks(), calendar=self._calendar)
        self._rng = random.Random(f"{SEED}:{today}")  # noqa: S311
        self._topics: dict[str, Iterator[Topic]] = {}

    def live(self) -> int:
        """Make every visit, the oldest first; how many there were."""
        customers = {c.name: c for c in self._session.exec(select(Customer)).all()}
        agenda = self._agenda()
        for start, entry in agenda:
            self._meet(customers[entry.name], entry, start)
        return len(agenda)

    def _agenda(self) -> list[tuple[datetime, CustomerEntry]]:
        """Who is met when: no rep is in two places at once."""
        taken: defaultdict[tuple[str, date], list[CustomerEntry]] = defaultdict(list)
        for entry in self._territory.customers:
            for day in visit_days(entry.tier, self._today, self._rng, self._calendar):
                taken[entry.rep, day].append(entry)
        return sorted(
            (
                (datetime.combine(day, datetime.min.time().replace(hour=hour), SHANGHAI), entry)
                for (_, day), entries in taken.items()
                for hour, entry in zip(self._hours(len(entries)), entries, strict=False)
            ),
            key=lambda meeting: (meeting[0], meeting[1].rep),
        )

    def _hours(self, count: int) -> list[int]:
        return sorted(self._rng.sample(HOURS, k=min(count, len(HOURS))))

    def _meet(self, customer: Customer, entry: CustomerEntry, start: datetime) -> None:
        topics = self._topics.setdefault(entry.name, topics_for(entry.kind, self._rng))
        told = tell(self._scene(customer, entry, start), topics, self._rng, self._calendar)
        ended = start + timedelta(minutes=told.visit.duration_minutes or 0)
        said_at = ended + timedelta(minutes=self._rng.choice([4, 8, 12, 15, 20, 25, 40, 95]))
        recorded = store_confirmed(
            self._session,
            told.visit,
            author_id=customer.owner_id,
            dictation=told.text,
            engine=ENGINE,
            timeliness=judge(told.visit, said_at, self._policy.recording_limits()),
            said_at=said_at,
            confirmed_at=said_at + timedelta(minutes=1),
            clocks=self._clocks,
        )
        self._settle(recorded)

    def _scene(self, customer: Customer, entry: CustomerEntry, start: datetime) -> Scene:
        products = self._territory.products
        hospital = next(h for h in self._territory.hospitals if h.name == entry.hospital)
        choices = _PRODUCTS.get(entry.department, range(len(products)))
        return Scene(
            customer=entry,
            known=KnownCustomer(
                id=customer.id or 0,
                name=entry.name,
                hospital=entry.hospital,
                department=entry.department,
            ),
            product=products[self._rng.choice(choices)],
            place=f"{hospital.aliases[0]}{entry.department}",
            start=start,
        )

    def _settle(self, recorded: Recorded) -> None:
        """What was promised long ago is done, old needs are solved, old facts accepted."""
        for step in recorded.steps:
            if step.due_on and step.due_on < self._today and not self._is_left_open(step.due_on):
                step.status = StepStatus.DONE
                step.closed_at = _evening(step.due_on)
        for need in recorded.needs:
            if local_day(need.respond_by) < self._today - timedelta(days=1):
                need.status = NeedStatus.SOLVED
        for fact in recorded.facts:
            if local_day(fact.said_at) < self._today - timedelta(days=3):
                fact.status = FactStatus.ACCEPTED
                fact.decided_by_id = recorded.note.author_id
                fact.decided_at = recorded.note.confirmed_at

    def _is_left_open(self, due: date) -> bool:
        return self._today - due < timedelta(days=14) and self._rng.random() < 0.6


def visit_days(
    tier: Tier, today: date, rng: random.Random, calendar: WorkCalendar
) -> Iterator[date]:
    """The days on which a customer of this tier was seen, going back a quarter from yesterday."""
    if rng.random() < _NEVER_SEEN:
        return
    day = today - timedelta(days=rng.randint(*_LAST[tier]))
    while day > today - timedelta(days=QUARTER_DAYS):
        workday = day if calendar.is_workday(day) else calendar.add_workdays(day, -1)
        yield workday
        day = workday - timedelta(days=rng.randint(*_GAPS[tier]))


def _evening(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time().replace(hour=17), SHANGHAI)
