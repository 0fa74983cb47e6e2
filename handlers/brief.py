"""预案: one screen before a visit: what was said last, what is owed, a goal, what not to repeat."""

from collections.abc import Iterable
from typing import Any

from bot.domain.asking import is_name
from bot.domain.clock import say_day, to_local
from bot.domain.goals import Aim, suggest_goal
from bot.domain.promises import say_late, shorten
from bot.domain.repeats import Told, already_given, declined, say_told
from bot.domain.tiers import Par, Segment, segment_of
from bot.messages import Button, Reply
from bot.policy import Span
from bot.registry import Slots, bare_words, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import forbidden_as_step
from handlers.whom import about_one, no_such_name, own_profile
from storage.customers import CustomerKind
from storage.notebook import visit_of
from storage.notes import VisitNote
from storage.people import Role
from storage.plans import planned_on
from storage.profiles import Profile
from storage.rosters import roster_of

READERS = frozenset({Role.REP, Role.MANAGER})
_BUSINESS = frozenset({CustomerKind.PHARMACY, CustomerKind.BUYER})
_WORDS = ("预案", "拜访预案")


class BriefSlots(Slots):
    """Whom the brief is about, as said."""

    customer: str | None = None
    words: str = ""


@capability(
    command="/brief",
    title="预案",
    group="拜访",
    example="去见李主任之前帮我捋一遍",
    words=_WORDS,
    intent="brief",
    roles=READERS,
    slots=BriefSlots,
)
def brief(turn: Turn, slots: BriefSlots) -> Reply:
    """The brief of the customer who is named; without a name, whom of today's plan."""
    words = "" if bare_words(slots.words) in _WORDS else slots.words or slots.customer or ""
    return about_one(turn, words, "brief.show", brief_of, _ask_whom)


@on_press("brief.show", roles=READERS)
def show(turn: Turn, customer_id: int) -> Reply:
    """The brief of a customer chosen by button."""
    return brief_of(turn, customer_id)


@on_answer("brief.whom", accepts=is_name)
def take_name(turn: Turn, words: str, _: dict[str, Any]) -> Reply:
    """A name, after 「要见哪位？」."""
    turn.stop_asking()
    return about_one(turn, words, "brief.show", brief_of, lambda _: no_such_name(turn, words))


def brief_of(turn: Turn, customer_id: int) -> Reply:
    """One screen about one customer. Raises NotFoundError outside of the person's scope."""
    profile = own_profile(turn, customer_id)
    lines = [
        *_who(turn, profile),
        *_last_time(turn, profile),
        *_owed(turn, profile),
        *_this_time(turn, profile),
        *_not_again(profile),
    ]
    buttons = [Button("客户档案", f"customer.show:{customer_id}")]
    if turn.person.role == Role.REP:
        buttons.insert(0, Button("今天去", f"next.go:{customer_id}:{turn.today}"))
    return Reply("\n".join(lines), tuple(buttons), card=f"brief:{customer_id}")


def segment_in(turn: Turn, profile: Profile) -> Segment:
    """The customer's segment by the policy's cut."""
    who, cut = profile.customer, turn.policy.par
    par = Par(who.potential, who.attitude, who.relationship)
    return segment_of(par, high=cut.high, low=cut.low)


def _ask_whom(turn: Turn) -> Reply:
    turn.ask("brief.whom")
    planned = planned_on(turn.session, turn.me, turn.today)[:6]
    buttons = tuple(Button(name, f"brief.show:{customer_id}") for customer_id, name in planned)
    return Reply("要见哪位？说名字就行，例如「李主任」。", buttons)


def _who(turn: Turn, profile: Profile) -> list[str]:
    who = profile.customer
    post = who.post or who.title or who.kind.value
    place = f"{profile.hospital.said_name} {profile.department} {post}"
    clinic = f" · 门诊 {who.clinic_hours}" if who.clinic_hours else ""
    style = f"沟通：{shorten(who.style, 30)}" if who.style else None
    care = f"关心：{'、'.join(who.interests[:3])}" if who.interests else None
    extra = " · ".join(part for part in (care, style) if part)
    title = f"【预案】{who.name} · {who.tier.label} · {segment_in(turn, profile).value}"
    return [title, place + clinic, *([extra] if extra else [])]


def _last_time(turn: Turn, profile: Profile) -> list[str]:
    if not profile.visits:
        return ["还没有拜访记录，这是第一次。"]
    lines = [
        _said_of(note, turn, first=place == 0) for place, note in enumerate(profile.visits[:2])
    ]
    lines += [
        f"原话（{quote.said_on.month}月{quote.said_on.day}日）：「{shorten(quote.text, 40)}」"
        for quote in profile.quotes[:2]
    ]
    return lines


def _said_of(note: VisitNote, turn: Turn, *, first: bool) -> str:
    visit = visit_of(note)
    told = (
        "；".join(shorten(point, 24) for point in visit.key_points[:2]) or visit.goal or "没记要点"
    )
    ago = (turn.today - note.visit_date).days
    when = f"{ago} 天前" if ago > 0 else "今天"
    day = f"{note.visit_date.month}月{note.visit_date.day}日"
    return f"{'上次' if first else '再上次'} {day}（{when}）：{told}"


def _owed(turn: Turn, profile: Profile) -> list[str]:
    steps = [
        f"{shorten(step.action, 20)}（{say_late(step.due_on, turn.today)}）"
        for step in profile.open_steps[:3]
    ]
    lines = [f"答应过的：{'；'.join(steps)}"] if steps else []
    for need in profile.needs[:1]:
        until = to_local(need.respond_by)
        day = say_day(until.date(), today=turn.today)
        lines.append(f"等着回的需求：{shorten(need.text, 24)}（{day} {until:%H:%M} 前）")
    return lines


def _this_time(turn: Turn, profile: Profile) -> list[str]:
    length = _length(turn, profile)
    aim = Aim(
        kind=profile.customer.kind.value,
        segment=segment_in(turn, profile),
        seen=bool(profile.visits),
        promise=_first_allowed(turn, (step.action for step in profile.open_steps)),
        need=_first_allowed(turn, (need.text for need in profile.needs)),
        interest=next(iter(profile.customer.interests), None),
        ta="她" if profile.customer.gender == "女" else "他",
    )
    return [
        f"这次目标：{suggest_goal(aim)}",
        f"时长：{length.from_minutes}–{length.to_minutes} 分钟",
    ]


def _first_allowed(turn: Turn, words: Iterable[str]) -> str | None:
    """What compliance forbids as a step is never made a goal either (SY-09)."""
    roster = roster_of(turn.session, turn.person)
    return next((each for each in words if forbidden_as_step(each, roster) is None), None)


def _length(turn: Turn, profile: Profile) -> Span:
    lengths = turn.policy.visit_length
    return lengths.business if profile.customer.kind in _BUSINESS else lengths.academic


def _not_again(profile: Profile) -> list[str]:
    points = [
        Told(note.visit_date, point)
        for note in profile.visits
        for point in (*visit_of(note).key_points, *visit_of(note).objections)
    ]
    done = [
        Told(to_local(step.closed_at).date(), step.action)
        for step in profile.done_steps
        if step.closed_at is not None
    ]
    given, refused = already_given(points, done), declined(points)
    lines = [f"别重复给：{say_told(given)}"] if given else []
    return lines + ([f"别再提：{say_told(refused)}"] if refused else [])
