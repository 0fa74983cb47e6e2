"""Which adverse event some words are about: the one that fits, a question, or a new one."""

from datetime import timedelta

from bot.alerts import raise_flags
from bot.domain.adverse import contradicts
from bot.domain.clock import say_day
from bot.domain.errors import NotFoundError
from bot.domain.note import Flag, FlagCode
from bot.domain.promises import shorten
from bot.messages import Button, Reply
from bot.turn import Turn
from bot.understanding.screening.data import pattern
from bot.understanding.screening.products import brands
from storage.flags import ComplianceFlag, recent_events
from storage.messages import Message
from storage.rosters import roster_of

RECENT = timedelta(hours=48)
WHICH = "event.which"
ABOUT = "event.about"
_SAME_TALK = timedelta(hours=6)
"""How long after an event its details may still be meant beside those of another one."""

_MOST = 4
_NONE = (
    "您这两天没有报过不良事件，所以没有记。要报的话，把事情说一句就行，"
    "例如「有个患者吃了药起皮疹，女，六十多岁」。"
)


def newest(turn: Turn) -> ComplianceFlag:
    """The adverse event that this person told of last. Raises NotFoundError after two days."""
    return _recent(turn)[0]


def event_meant(turn: Turn, words: str) -> ComplianceFlag | None:
    """The one event that details can go to; None when it must be asked. Raises NotFoundError."""
    recent = _recent(turn)
    pinned = [event for event in recent if event.id == _pinned(turn)]
    near = [event for event in recent if turn.now - event.raised_at < _SAME_TALK]
    fitting = [event for event in pinned or near or recent[:1] if _fits(turn, words, event)]
    return fitting[0] if len(fitting) == 1 else None


def ask_which(turn: Turn, words: str) -> Reply:
    """A card with the events that may be meant, the newest first, and a new one."""
    found = _recent(turn)[:_MOST]
    turn.ask(WHICH, words=words)
    lines = ["这是补充哪一件？", *(f"{n}. {say_event(one)}" for n, one in enumerate(found, 1))]
    buttons = [Button(f"第{n}件", f"event.to:{one.id}") for n, one in enumerate(found, 1)]
    return Reply("\n".join(lines), (*buttons, Button("另一件新的", "event.new")), card=WHICH)


def is_own_case(turn: Turn, words: str, event: ComplianceFlag | None = None) -> bool:
    """Whether words tell of a harm with a product of their own: a case, not a detail of another.
    With an `event`, only with a product that is not the event's."""
    harmed = pattern("{harm}|{serious}|{misuse}").search(words)
    named = _products(turn, words) - (_products(turn, told(turn, event)) if event else set())
    return bool(harmed and named)


def raise_new(turn: Turn, words: str) -> list[Reply]:
    """Raise the words as an adverse event of their own."""
    return raise_flags(turn, [Flag(code=FlagCode.ADVERSE_EVENT, evidence=words)], None, words)


def told(turn: Turn, event: ComplianceFlag) -> str:
    """All that was said about an event so far."""
    message = turn.session.get(Message, event.message_id) if event.message_id else None
    return "\n".join([message.body if message else event.evidence, *event.more])


def say_event(event: ComplianceFlag) -> str:
    """「11月24日（周二）的不良事件「…」」."""
    day = f"{say_day(event.day_zero)}的" if event.day_zero else ""
    return f"{day}不良事件{quote_event(event)}"


def quote_event(event: ComplianceFlag) -> str:
    """The beginning of what was said, quoted."""
    return f"「{shorten(event.evidence.replace('」「', '；').strip('「」'), 30)}」"


def _fits(turn: Turn, words: str, event: ComplianceFlag) -> bool:
    known = told(turn, event)
    other = _products(turn, words) - _products(turn, known)
    return not other and not contradicts(words, known)


def _products(turn: Turn, words: str) -> set[str]:
    known = brands(roster_of(turn.session, turn.person))
    found = {hit.group() for hit in known.ours.finditer(words)}
    return {p.name for p in known.products if found & {p.name, *p.aliases}}


def _pinned(turn: Turn) -> int | None:
    asked = turn.asked
    return asked.about.get("flag") if asked is not None and asked.question == ABOUT else None


def _recent(turn: Turn) -> list[ComplianceFlag]:
    found = recent_events(turn.session, turn.me, since=turn.now - RECENT)
    if not found:
        raise NotFoundError(_NONE)
    return found
