"""客户档案: one customer on one screen, in the four modules of the profile."""

from collections.abc import Iterable
from typing import Any

from bot.domain.asking import is_name
from bot.domain.clock import say_day
from bot.domain.promises import say_late, shorten
from bot.messages import Button, Reply
from bot.registry import Slots, bare_words, capability, on_answer, on_press
from bot.turn import Turn
from handlers.brief import READERS, segment_in
from handlers.whom import about_one, no_such_name, own_profile
from storage.customers import ProfileModule
from storage.people import Role
from storage.profiles import Profile

_WORDS = ("客户", "客户档案", "看客户")
_SHOWN_FACTS = 3


class CustomerSlots(Slots):
    """Whose file, as said."""

    customer: str | None = None
    words: str = ""


@capability(
    command="/customer",
    title="客户档案",
    group="拜访",
    example="李主任什么情况",
    words=_WORDS,
    intent="profile",
    roles=READERS,
    slots=CustomerSlots,
)
def customer(turn: Turn, slots: CustomerSlots) -> Reply:
    """The file of the customer who is named."""
    words = "" if bare_words(slots.words) in _WORDS else slots.words or slots.customer or ""
    return about_one(turn, words, "customer.show", profile_of, _ask_whom)


@on_press("customer.show", roles=READERS)
def show(turn: Turn, customer_id: int) -> Reply:
    """The file of a customer chosen by button."""
    return profile_of(turn, customer_id)


@on_answer("customer.whom", accepts=is_name)
def take_name(turn: Turn, words: str, _: dict[str, Any]) -> Reply:
    """A name, after 「要看哪位？」."""
    turn.stop_asking()
    return about_one(turn, words, "customer.show", profile_of, lambda _: no_such_name(turn, words))


def profile_of(turn: Turn, customer_id: int) -> Reply:
    """One screen about one customer. Raises NotFoundError outside of the person's scope."""
    profile = own_profile(turn, customer_id)
    lines = [
        *_heading(turn, profile),
        _module(ProfileModule.BASICS, _basics(profile), profile, " · "),
        _module(ProfileModule.EXPERTISE, profile.tags, profile),
        _module(ProfileModule.INTERESTS, _interests(profile), profile),
        _module(ProfileModule.STYLE, _style(turn, profile), profile, " · "),
        *_words_and_promises(turn, profile),
    ]
    buttons = [Button("预案", f"brief.show:{customer_id}")]
    if turn.person.role == Role.REP:
        buttons.append(Button("今天去", f"next.go:{customer_id}:{turn.today}"))
    return Reply("\n".join(lines), tuple(buttons), card=f"customer:{customer_id}")


def _ask_whom(turn: Turn) -> Reply:
    turn.ask("customer.whom")
    return Reply("要看哪位客户？说名字就行；按科室、标签找人，例如「心内科+青年医师」。")


def _heading(turn: Turn, profile: Profile) -> list[str]:
    who = profile.customer
    gender = f"（{who.gender}）" if who.gender else ""
    scores = (("潜力", who.potential), ("意愿", who.attitude), ("关系", who.relationship))
    levels = "、".join(f"{name}{_level(turn, score)}" for name, score in scores)
    return [
        f"{who.name}{gender} · {who.tier.label} · {segment_in(turn, profile).value}",
        f"{levels}",
    ]


def _level(turn: Turn, score: int) -> str:
    cut = turn.policy.par
    if score >= cut.high:
        return "高"
    return "低" if score <= cut.low else "中"


def _basics(profile: Profile) -> list[str]:
    who = profile.customer
    post = " ".join(part for part in (who.post, who.title) if part) or who.kind.value
    place = f"{profile.hospital.said_name} {profile.department}"
    clinic = [f"门诊 {who.clinic_hours}"] if who.clinic_hours else []
    return [f"{place} {post}", *clinic]


def _interests(profile: Profile) -> list[str]:
    needs = [f"等着回：{shorten(need.text, 16)}" for need in profile.needs[:2]]
    return [*profile.customer.interests, *needs]


def _style(turn: Turn, profile: Profile) -> list[str]:
    style = profile.customer.style
    return [*([style] if style else []), _history(turn, profile)]


def _history(turn: Turn, profile: Profile) -> str:
    if not profile.visits:
        return "还没有拜访记录"
    last = profile.visits[0].visit_date
    ago = (turn.today - last).days
    when = f"{ago} 天前" if ago > 0 else "今天"
    return f"见过 {profile.visit_count} 次，上次 {say_day(last, today=turn.today)}，{when}"


def _module(
    module: ProfileModule, filed: Iterable[str], profile: Profile, joint: str = "、"
) -> str:
    heard = [fact.value for fact in profile.facts if fact.module == module][:_SHOWN_FACTS]
    words = joint.join(dict.fromkeys([*filed, *heard]))
    return f"【{module.value}】{words or '还没有'}"


def _words_and_promises(turn: Turn, profile: Profile) -> list[str]:
    lines = [
        f"原话（{quote.said_on.month}月{quote.said_on.day}日）：「{shorten(quote.text, 40)}」"
        for quote in profile.quotes[:2]
    ]
    steps = [
        f"{shorten(step.action, 20)}（{say_late(step.due_on, turn.today)}）"
        for step in profile.open_steps[:3]
    ]
    lines += [f"答应过的：{'；'.join(steps)}"] if steps else []
    until = profile.customer.skip_until
    if until is not None and until > turn.today:
        reason = f"（{profile.customer.skip_reason}）" if profile.customer.skip_reason else ""
        lines.append(f"先不去，{say_day(until, today=turn.today)}起再推荐{reason}")
    return lines
