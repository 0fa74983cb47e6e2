"""下一个该见谁: whom to see, with every reason, and 预案 / 今天去 / 不去 for each."""

import re
from datetime import date, timedelta

from bot.domain.clinic import Half, find_half
from bot.domain.clock import say_day, to_local
from bot.domain.errors import StaleCardError
from bot.domain.filters import find_filed
from bot.domain.ranking import Asked, Candidate, Suggestion, free_from, rank
from bot.domain.when import find_days
from bot.messages import Button, Reply
from bot.registry import Slots, capability, on_press
from bot.turn import Turn
from handlers.filtering import filed_of
from handlers.whom import own_customer
from storage.candidates import candidates_of, names_place
from storage.people import Role
from storage.plans import plan_visit, planned_on, unplan_visit

REPS = frozenset({Role.REP})

_NOON = 12
_NEXT_WEEK = re.compile(r"下个?(?:周|星期|礼拜)(?![一二三四五六日天])")


class NextSlots(Slots):
    """The day may be said, and a place to stay in."""

    day: str | None = None
    words: str = ""


Only = frozenset[int] | None
"""Ids of the customers that the words limit the answer to; None when they set no condition."""


@capability(
    command="/next",
    title="下一个该见谁",
    group="拜访",
    example="明天下午先去看谁",
    words=("下一个该见谁", "该见谁", "今天去谁", "今天见谁", "明天先去看谁", "下一个", "去见谁"),
    intent="who_next",
    roles=REPS,
    slots=NextSlots,
)
def next_visit(turn: Turn, slots: NextSlots) -> Reply:
    """The five to see first on the day asked for, today when none is said."""
    words = f"{slots.day or ''} {slots.words}"
    half = find_half(words)
    asked = _asked(turn, _day_asked(turn, words), half)
    return _suggest(turn, asked, _only(turn, slots.words), half.value if half else "")


@on_press("next.more", roles=REPS)
def show_again(turn: Turn, day: date) -> Reply:
    """The list of a day once more, as things are now."""
    return _suggest(turn, _asked(turn, _still_ahead(turn, day)), None)


@on_press("next.pick", roles=REPS)
def pick(turn: Turn, customer_id: int, day: date) -> Reply:
    """One suggestion on its own small card."""
    customer = own_customer(turn, customer_id)
    asked = _asked(turn, _still_ahead(turn, day))
    ranked = _ranked(turn, asked, frozenset([customer.id or 0]))
    if not ranked:
        raise StaleCardError("名单有变化了，再问一声「下一个该见谁」。")
    return Reply(_said(ranked[0], ""), _choices(ranked[0].candidate, asked.day, turn.today))


@on_press("next.go", roles=REPS)
def go(turn: Turn, customer_id: int, day: date) -> Reply:
    """Put a customer on the rep's day."""
    customer, on = own_customer(turn, customer_id), _still_ahead(turn, day)
    if plan_visit(turn.session, turn.me, customer.id or 0, on, turn.now):
        _record(turn, "plan.add", customer.id, on)
    names = [name for _, name in planned_on(turn.session, turn.me, on)]
    when = day_word(on, turn.today)
    return Reply(
        f"{customer.name}列入{when}。{when}一共 {len(names)} 位：{'、'.join(names)}。"
        f"{_too_soon(turn, customer.id or 0, on)}",
        (
            Button("预案", f"brief.show:{customer.id}"),
            Button("撤销", f"next.drop:{customer.id}:{on}"),
            Button("再看名单", f"next.more:{on}"),
        ),
    )


@on_press("next.drop", roles=REPS)
def drop(turn: Turn, customer_id: int, day: date) -> Reply:
    """Take a customer off the rep's day again."""
    customer = own_customer(turn, customer_id)
    if unplan_visit(turn.session, turn.me, customer.id or 0, day):
        _record(turn, "plan.remove", customer.id, day)
    again = Button("再看名单", f"next.more:{max(day, turn.today)}")
    return Reply(f"好，{customer.name}不列在{day_word(day, turn.today)}了。", (again,))


def suggested(turn: Turn) -> list[Candidate]:
    """Those who are suggested today."""
    return [each.candidate for each in _ranked(turn, _asked(turn, turn.today), None)]


def suggestions_on(turn: Turn, day: date) -> list[Suggestion]:
    """Whom to see on a day that is not past, best first. Raises StaleCardError."""
    return _ranked(turn, _asked(turn, _still_ahead(turn, day)), None)


def day_word(day: date, today: date) -> str:
    """今天, 明天, or the day itself."""
    near = {today: "今天", today + timedelta(days=1): "明天"}
    return near.get(day) or say_day(day, today=today)


def _suggest(turn: Turn, asked: Asked, only: Only, half: str = "") -> Reply:
    ranked = _ranked(turn, asked, only)
    if not ranked:
        return Reply(_nobody(turn, asked, only))
    lines = [_headline(turn, asked, half)]
    lines += [_said(each, f"{number}. ") for number, each in enumerate(ranked, 1)]
    shown = {each.candidate.id for each in ranked}
    planned = planned_on(turn.session, turn.me, asked.day)
    rest = [name for customer_id, name in planned if customer_id not in shown]
    if rest:
        lines.append(f"已列入的还有：{'、'.join(rest)}")
    others = (
        Button(f"{number} {each.candidate.name}", f"next.pick:{each.candidate.id}:{asked.day}")
        for number, each in enumerate(ranked[1:], 2)
    )
    first = _choices(ranked[0].candidate, asked.day, turn.today)
    return Reply("\n".join(lines), (*first, *others), card="next")


def _ranked(turn: Turn, asked: Asked, only: Only) -> list[Suggestion]:
    candidates = _candidates(turn, asked.day, only)
    return rank(candidates, asked, turn.policy.cadences(), turn.policy.ranking)


def _candidates(turn: Turn, day: date, only: Only) -> list[Candidate]:
    cut = turn.policy.par
    found = candidates_of(turn.session, turn.person, day, high=cut.high, low=cut.low)
    return [each for each in found if only is None or each.id in only]


def _asked(turn: Turn, day: date, half: Half | None = None) -> Asked:
    if half is None and day == turn.today and to_local(turn.now).hour >= _NOON:
        half = Half.AFTERNOON  # this morning's clinic is over
    return Asked(day, half, day_word(day, turn.today).partition("（")[0])


def _headline(turn: Turn, asked: Asked, half: str) -> str:
    day = say_day(asked.day, today=turn.today)
    word = day_word(asked.day, turn.today)
    when = f"{word} {day}{half}" if word != day else f"{day}{half}"
    if turn.calendar.is_workday(asked.day):
        return f"{when}，建议先见："
    return f"{when}是休息日。要去的话，建议先见："


def _said(suggestion: Suggestion, number: str) -> str:
    who = suggestion.candidate
    return f"{number}{who.name}（{who.hospital} {who.department}）\n{suggestion.line}"


def _choices(candidate: Candidate, day: date, today: date) -> tuple[Button, ...]:
    word = day_word(day, today).partition("（")[0]
    visit = Button(f"{word}去", f"next.go:{candidate.id}:{day}")
    if candidate.planned:
        visit = Button(f"{word}不去了", f"next.drop:{candidate.id}:{day}")
    return (
        Button("预案", f"brief.show:{candidate.id}"),
        visit,
        Button("不去", f"next.skip:{candidate.id}"),
    )


def _nobody(turn: Turn, asked: Asked, only: Only) -> str:
    """Says who will be the first again, so that the answer is not just no."""
    candidates = _candidates(turn, asked.day, only)
    if not candidates and only is not None:
        return "您在那里没有这样的客户。换一个地方或条件，或者直接问「下一个该见谁」。"
    if not candidates:
        return "您名下还没有客户。客户由管理员导入；新认识的人在口述里提到，我会问您要不要加。"
    cadences = turn.policy.cadences()
    day, name = min((free_from(each, cadences[each.tier]), each.name) for each in candidates)
    return (
        f"{day_word(asked.day, turn.today)}不用急着见谁：要么刚见过，要么您说了先不去。"
        f"最早是{name}，{say_day(day, today=turn.today)}起可以再去。"
    )


def _too_soon(turn: Turn, customer_id: int, day: date) -> str:
    """A warning when the visit would be over-visiting (SY-17); the rep decides."""
    [who] = _candidates(turn, day, frozenset([customer_id]))
    cadence = turn.policy.cadence_of(who.tier)
    if who.last_visit is None or (day - who.last_visit).days >= cadence.cap_days:
        return ""
    days = (day - who.last_visit).days
    return (
        f"\n注意：离上次才 {days} 天，{who.tier.label}客户一般隔 {cadence.cap_days} 天以上。"
        "除非是客户约的，不然晚几天再去。"
    )


def _day_asked(turn: Turn, words: str) -> date:
    found = find_days(words, now=to_local(turn.now), calendar=turn.calendar)
    ahead = [each.day for each in found if each.day >= turn.today]
    if ahead:
        return ahead[0]
    if _NEXT_WEEK.search(words):
        return turn.today + timedelta(days=7 - turn.today.weekday())
    return turn.today


def _only(turn: Turn, words: str) -> Only:
    """「儿童医院先去看谁」「高潜力的里头接着见谁」: a place, tag or tier among the words."""
    found = find_filed(words, filed_of(turn).filed)
    if found.terms:
        return frozenset(found.ids)
    return frozenset() if names_place(turn.session, words) else None


def _still_ahead(turn: Turn, day: date) -> date:
    if day < turn.today:
        raise StaleCardError("这份名单是前几天的了。再问一声「下一个该见谁」，给您排今天的。")
    return day


def _record(turn: Turn, action: str, customer_id: int | None, day: date) -> None:
    turn.record(action, f"customer:{customer_id}", day=day.isoformat())
