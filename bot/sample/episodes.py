"""What is said in a sample visit: a dictation and the note that it supports, made together."""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import cycle, islice
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from bot.domain.calendar import WorkCalendar
from bot.domain.note import (
    Channel,
    GroundedVisit,
    KnownCustomer,
    Need,
    NextStep,
    Outcome,
    ProfileUpdate,
    Quote,
)
from bot.sample.territory import CustomerEntry, ProductEntry

MINUTES = {10: "十分钟", 15: "一刻钟", 20: "二十分钟", 25: "二十五分钟", 30: "半个小时"}
PHARMACY = "药店"
PROMISED = 0.65
QUOTED = 0.6

_HOURS = {
    9: "上午九点",
    10: "上午十点",
    11: "上午十一点",
    14: "下午两点",
    15: "下午三点",
    16: "下午四点",
}
_WEEKDAYS = "一二三四五六日"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Opening(_Entry):
    """The first sentence; some make no sense in a pharmacy."""

    say: str
    channel: Channel
    not_pharmacy: bool = False


class Promise(_Entry):
    """What the rep promises, to be kept within so many working days."""

    say: str
    action: str
    days: int


class Fact(_Entry):
    """A lasting fact told in passing."""

    field: str
    value: str


class Wish(_Entry):
    """A need of level 1 to 3."""

    level: int
    text: str


class Topic(_Entry):
    """Something that was talked about, and what follows from it."""

    say: str
    point: str
    quote: str | None = None
    objection: str | None = None
    competitor: str | None = None
    fact: Fact | None = None
    need: Wish | None = None
    promise: Promise | None = None


class Episodes(_Entry):
    """episodes.toml."""

    openings: list[Opening]
    doctor: list[Topic]
    pharmacy: list[Topic]


@dataclass(frozen=True, slots=True)
class Told:
    """A dictation and the visit that it tells about."""

    text: str
    visit: GroundedVisit


@dataclass(frozen=True, slots=True)
class Scene:
    """Whom a rep met, where, when, and about which product."""

    customer: CustomerEntry
    known: KnownCustomer
    product: ProductEntry
    place: str
    start: datetime


@cache
def load_episodes() -> Episodes:
    """Everything that can happen in a sample visit."""
    text = Path(__file__).with_name("episodes.toml").read_text(encoding="utf-8")
    return Episodes.model_validate(tomllib.loads(text))


def tell(scene: Scene, topics: Iterator[Topic], rng: random.Random, calendar: WorkCalendar) -> Told:
    """One visit in the rep's words about the next one or two topics, with the note they support."""
    words = _Words(scene, rng, calendar)
    pharmacy = scene.customer.kind == PHARMACY
    openings = [o for o in load_episodes().openings if not (pharmacy and o.not_pharmacy)]
    opening = rng.choice(openings)
    for topic in islice(topics, rng.choice([1, 1, 2])):
        words.talk_about(topic)
    text = "".join([words.fill(opening.say), *words.sentences])
    return Told(text, words.visit(opening.channel))


def topics_for(kind: str, rng: random.Random) -> Iterator[Topic]:
    """All there is to talk about with one customer, in an order of their own, over and over."""
    episodes = load_episodes()
    topics = episodes.pharmacy if kind == PHARMACY else episodes.doctor
    return cycle(rng.sample(topics, k=len(topics)))


def say_due(due: date, said: date) -> str:
    """A due day as a rep says it on the day `said`: 「周五前」「下周三前」「12月3号前」."""
    weeks = (due - said).days + said.weekday()
    weekday = f"周{_WEEKDAYS[due.weekday()]}前"
    if weeks < 7:
        return weekday
    return f"下{weekday}" if weeks < 14 else f"{due.month}月{due.day}号前"


class _Words:
    """Collects the sentences of one visit, and what each of them supports."""

    def __init__(self, scene: Scene, rng: random.Random, calendar: WorkCalendar) -> None:
        self._scene = scene
        self._rng = rng
        self._calendar = calendar
        self._minutes = rng.choice(list(MINUTES))
        self._call = _call(scene.customer, rng)
        self._topics: list[Topic] = []
        self._quotes: list[Quote] = []
        self._steps: list[NextStep] = []
        self.sentences: list[str] = []

    def fill(self, template: str, **more: str) -> str:
        """A template in this scene's words; a woman is 她."""
        scene = self._scene
        text = template.format(
            call=self._call,
            place=scene.place,
            clock=_HOURS[scene.start.hour],
            minutes=MINUTES[self._minutes],
            product=scene.product.name,
            rival=scene.product.competitors[0],
            interest=(scene.customer.interests or ["慢病管理"])[0],
            **more,
        )
        return text.replace("他", "她") if scene.customer.gender == "女" else text

    def talk_about(self, topic: Topic) -> None:
        """Say a topic; perhaps quote the customer, perhaps promise something."""
        self._topics.append(topic)
        self.sentences.append(self.fill(topic.say))
        if topic.quote and self._rng.random() < QUOTED:
            self.sentences.append(self.fill("他原话是「{quote}」。", quote=topic.quote))
            self._quotes.append(Quote(speaker=self._call, text=topic.quote))
        if topic.promise and self._rng.random() < PROMISED:
            self._promise(topic.promise)

    def visit(self, channel: Channel) -> GroundedVisit:
        """The note that the sentences support."""
        scene, known = self._scene, self._scene.known
        return GroundedVisit(
            visit_date=scene.start.date(),
            date_said=False,
            start_time=scene.start.time(),
            duration_minutes=self._minutes,
            channel=channel,
            hospital=known.hospital,
            department=known.department,
            customers=[known],
            ambiguous=[],
            new_people=[],
            co_visitors=[],
            goal=None,
            outcome=Outcome.NOT_SAID,
            key_points=[self.fill(topic.point) for topic in self._topics],
            objections=[self.fill(t.objection) for t in self._topics if t.objection],
            competitors=[self.fill(t.competitor) for t in self._topics if t.competitor],
            quotes=self._quotes,
            profile_updates=[self._update(t, t.fact) for t in self._topics if t.fact],
            next_steps=self._steps,
            needs=[self._need(t, t.need) for t in self._topics if t.need],
            flags=[],
            dropped=0,
        )

    def _promise(self, promise: Promise) -> None:
        said = self._scene.start.date()
        due = self._calendar.add_workdays(said, promise.days)
        phrase = say_due(due, said)
        sentence = self.fill(promise.say, due=phrase)
        self.sentences.append(sentence)
        self._steps.append(
            NextStep(
                action=self.fill(promise.action),
                customer_id=self._scene.known.id,
                customer=self._scene.known.name,
                due=due,
                due_phrase=phrase,
                evidence=sentence,
            )
        )

    def _update(self, topic: Topic, fact: Fact) -> ProfileUpdate:
        return ProfileUpdate(
            customer_id=self._scene.known.id,
            customer=self._scene.known.name,
            field=fact.field,
            value=self.fill(fact.value),
            evidence=self.fill(topic.say),
        )

    def _need(self, topic: Topic, wish: Wish) -> Need:
        return Need(
            level=wish.level,
            text=self.fill(wish.text),
            customer_id=self._scene.known.id,
            evidence=self.fill(topic.say),
        )


def _call(customer: CustomerEntry, rng: random.Random) -> str:
    """How a rep calls a customer: the nickname now and then, else the name with a title."""
    if customer.aliases and rng.random() < 0.5:
        return rng.choice(customer.aliases)
    if customer.post == "店长":
        return f"{customer.name}店长"
    return f"{customer.name}{'主任' if '主任' in (customer.title or '') else '医生'}"
