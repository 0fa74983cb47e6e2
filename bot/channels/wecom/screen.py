"""What one person has on the screen to choose from, and what a number or words mean there.

A number counts for what was on the screen when it was sent, and once: it must never do what the
person did not mean.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.channels.wecom.cards import Laid, hold_digits, title_of
from bot.messages import Button, Reply

SAME_SCREEN_SECONDS = 60.0
"""What is offered within this time stands on the screen together, and is numbered on."""

CROSSED_SECONDS = 3.0
"""What was sent so shortly before an offer was not meant for it; more is a clock that is wrong."""

MOST_OFFERS = 5
MOST_OVER = 20

_NUMBER = re.compile(r"选?\s*(\d{1,2})\s*[.、。)]?")
_FIGURES = re.compile(r"\d+(?:[.:：]\d+)*")
"""What a label says of a time or a decimal is one figure, and no number."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Buttons that a person saw, and the platform's id of the message they were on: on a card, or
    to be answered by number from `start` on, or by their words when that is None. `card` names what
    they are about: a newer offer takes the place of an older one of that name."""

    buttons: tuple[tuple[str, str], ...]
    on: str
    is_card: bool = False
    start: int | None = None
    answers: str | None = None
    title: str = ""
    card: str | None = None

    @property
    def shown(self) -> tuple[Button, ...]:
        """The buttons."""
        return tuple(Button(label, id_) for label, id_ in self.buttons)

    @property
    def end(self) -> int:
        """The first number after its own."""
        return (self.start or 1) + (len(self.buttons) if self.start is not None else 0)

    @property
    def numbers(self) -> list[tuple[int, str]]:
        """The numbers that can mean a button, each with its id: those told, or those that the
        labels hold."""
        if self.is_card:
            return []
        if self.start is not None:
            return [(n, id_) for n, (_, id_) in enumerate(self.buttons, start=self.start)]
        return [(n, id_) for label, id_ in self.buttons for n in _numbers_on(label)]

    def named(self, words: str) -> list[str]:
        """The ids of the buttons with these words on them."""
        return [] if self.is_card else [i for label, i in self.buttons if _bare(label) == words]

    def is_replaced_by(self, newer: "Offer") -> bool:
        """Whether that is the same sent again, or the same thing anew."""
        return self.on == newer.on or (self.card is not None and self.card == newer.card)


@dataclass
class Screen:
    """What one person was offered and has not used, the latest last; `at` is when that was, in
    seconds since 1970. `over` are the messages whose buttons are used up or out of reach, and
    `choice` is the last one: the message that made it, the button, and the message it was on."""

    at: float = 0.0
    offers: list[Offer] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    choice: tuple[str, str, str] | None = None

    @classmethod
    def load(cls, kept: str | None) -> "Screen":
        """What is kept."""
        if kept is None:
            return cls()
        found = json.loads(kept)
        choice = tuple(found["choice"]) if found["choice"] else None
        return cls(found["at"], [_offer(each) for each in found["offers"]], found["over"], choice)

    def dump(self) -> str | None:
        """To be kept; nothing when it is empty."""
        return json.dumps(asdict(self)) if self.offers or self.over else None

    def goes_on(self, answers: str | None, now: float) -> bool:
        """Whether an offer that comes now stands beside what is there."""
        if not self.offers:
            return False
        same = answers is not None and answers in {each.answers for each in self.offers}
        return same or abs(now - self.at) < SAME_SCREEN_SECONDS

    def add(self, offer: Offer, now: float) -> None:
        """Beside what is there, or in its place. Sent again, it stands there once, and not at all
        when it was used meanwhile."""
        if offer.on in self.over:
            return
        goes_on = self.goes_on(offer.answers, now)
        self.offers = [each for each in self.offers if each.on != offer.on]
        self.keep(lambda each: goes_on and not each.is_replaced_by(offer))
        self.offers.append(offer)
        latest = self.offers[-MOST_OFFERS:]
        self.keep(lambda each: each in latest)
        self.at = now

    def keep(self, stays: Callable[[Offer], bool]) -> None:
        """Some of the offers; the others are over."""
        for gone in [each.on for each in self.offers if not stays(each)]:
            self.spend(gone)

    def spend(self, on: str) -> None:
        """What is on that message is over, though we should not have heard yet that it arrived."""
        self.offers = [each for each in self.offers if each.on != on]
        self.over = [*(each for each in self.over if each != on), on][-MOST_OVER:]

    def free_number(self, offer: Offer, now: float) -> int:
        """The first number for it, so that all of its own mean nothing else; sent again, it has
        the same."""
        again = [each.start for each in self.offers if each.on == offer.on and each.start]
        if again or not self.goes_on(offer.answers, now):
            return again[0] if again else 1
        others = [each for each in self.offers if not each.is_replaced_by(offer)]
        start = max((each.end for each in others if each.start is not None), default=1)
        taken = {number for each in others for number, _ in each.numbers}
        while taken.intersection(range(start, start + len(offer.buttons))):
            start += 1
        return start

    def take(self, words: str, at: float, message: str) -> tuple[str, str] | None:
        """The button that is meant by what was said then, and the message it is on, if there is
        just one; its offer is used up. The same message means the same when it comes again."""
        if self.choice is not None and self.choice[0] == message:
            return self.choice[1:]
        found = [] if 0 < self.at - at < CROSSED_SECONDS else self._meanings(words)
        if len(found) != 1:
            return None
        press, on = found[0]
        self.spend(on)
        self.choice = (message, press, on)
        return press, on

    def number_latest(self, now: float) -> None:
        """Have the latest offer answered by number or words, and nothing else."""
        if self.offers:
            latest = self.offers[-1]
            start = None if hold_digits(latest.shown) else latest.start or 1
            self.keep(lambda each: each is latest)
            self.offers = [replace(latest, is_card=False, start=start, answers=None)]
            self.at = now

    def _meanings(self, words: str) -> list[tuple[str, str]]:
        """The buttons that are meant: those of a number anywhere, those of words where they stood
        last."""
        number = number_in(words)
        if number is not None:
            return [(id_, o.on) for o in self.offers for n, id_ in o.numbers if n == number]
        named = [[(id_, o.on) for id_ in o.named(_bare(words))] for o in reversed(self.offers)]
        return next(filter(None, named), [])


def offer_of(reply: Reply, laid: Laid, on: str, answers: str | None) -> Offer:
    """What a reply offers as it was laid out, on the message of that id."""
    buttons = tuple((button.label, button.id) for button in reply.buttons)
    is_card = laid.card is not None
    return Offer(buttons, on, is_card, laid.start, answers, title_of(reply), reply.card)


def number_in(text: str) -> int | None:
    """The number that a text is, with no more than 「选」 or a full stop about it."""
    found = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    return int(found[1]) if found else None


def _offer(kept: dict[str, Any]) -> Offer:
    return Offer(**{**kept, "buttons": tuple((label, id_) for label, id_ in kept["buttons"])})


def _numbers_on(label: str) -> set[int]:
    return {int(figure) for figure in _FIGURES.findall(label) if figure.isdecimal()}


def _bare(words: str) -> str:
    """Without what nobody types the same way."""
    return "".join(unicodedata.normalize("NFKC", words).split())
