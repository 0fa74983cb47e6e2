"""我的提醒: when the briefing comes, pauses, leave with a deputy; all of it said in words."""

import re
from datetime import date, datetime, time

from bot.domain.clock import say_day, to_local
from bot.domain.errors import StaleCardError
from bot.domain.hush import back_on, hush_until
from bot.domain.when import find_clocks
from bot.messages import Button, Reply
from bot.registry import NoSlots, WordsSlots, capability, on_press
from bot.turn import Turn
from storage.people import Person, Role
from storage.push_settings import PushSetting, colleagues_of, setting_of

_ALWAYS = "一级需求和不良事件照样会马上告诉您。"
_HUSH = (
    r"^(?!.*(?:主任|医生|教授|店长|[说让叫他她]))[^，。,！!？?；;]{0,14}?(?:先|都|就)?"
    r"(?:别|不要|不用|暂停|停止)(?:再)?(?:给我|向我)?"
    r"(?:发|推)?(?:提醒|推送|打扰|吵)(?:我|(?=[了吧。！!]|$))[^，。,！!？?；;]{0,8}[。！!]?$"
)
_LEAVE = (
    r"^(?:我)?(?:要|在|从?[今明后]天(?:起|开始)?|已经|开始)?(?:休假|休年假|年假|请假|婚假|产假|病假|调休)(?:了)?"
    r"(?=.*(?:[到至天周月日号节]|星期|礼拜))[^？?]{1,40}$"
)
_BRIEFING = (
    r"^(?:把|将|以后)?(?:我的|每天的?)?(?:早安|早上的?)?简报(?:时间)?(?:[改调挪推换设提前迟后移]{1,3})?"
    r"(?:到|成|为|在)?[^，。,！!？?；;]{0,6}[点:：][^，。,！!？?；;]{0,6}[。！!]?$"
)
_RESUME = ("恢复提醒", "继续提醒", "继续提醒我", "可以提醒我了", "我回来了", "销假", "休假结束")
_DEPUTY = re.compile(
    r"(?:^|[，。,；;\s])(?:由|让|请|交给|找|有)?(?P<who>[^，。,；;\s]{2,4}?)(?:帮我|替我|来)?"
    r"(?:代班|代管|代一下|代理|顶班|盯着|代我|替我|代)"
)


@capability(
    command="/reminders",
    title="我的提醒",
    group="待办",
    example="我的提醒",
    words=("我的提醒", "提醒设置", "推送设置", "我的推送"),
)
def show_settings(turn: Turn, _: NoSlots) -> Reply:
    """What was asked for, and how to change it."""
    return Reply("\n".join(_lines(turn, _setting(turn))), _buttons(turn, _setting(turn)))


@capability(
    command="/briefing",
    title="改简报时间",
    example="简报改到八点",
    pattern=_BRIEFING,
    slots=WordsSlots,
    over_dictation=True,
    roles=frozenset({Role.REP}),
    listed=False,
)
def change_briefing(turn: Turn, slots: WordsSlots) -> Reply:
    """Another time of day for the morning briefing, between the quiet hours."""
    found = find_clocks(slots.words)
    if not found:
        return Reply("简报改到几点？例如「简报改到八点」。")
    return _set_briefing(turn, found[-1].at)


@capability(
    command="/hush",
    title="先别提醒",
    example="这周别提醒我",
    pattern=_HUSH,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def hush(turn: Turn, slots: WordsSlots) -> Reply:
    """A pause; what is urgent comes all the same."""
    setting = _setting(turn)
    setting.paused_until = hush_until(slots.words, now=turn.now, calendar=turn.calendar)
    _keep(turn, setting, "push.pause")
    until = _say_moment(setting.paused_until)
    text = f"好，{until} 前不提醒您，到时候接着来。{_ALWAYS}"
    return Reply(text, (Button("恢复提醒", "push.resume"),))


@capability(
    command="/leave",
    title="休假",
    example="休假到下周三，骆薇代班",
    pattern=_LEAVE,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def leave(turn: Turn, slots: WordsSlots) -> Reply:
    """Leave until a day; a colleague of the team who is named gets promises and needs meanwhile."""
    back = back_on(slots.words, now=turn.now, calendar=turn.calendar)
    if back is None:
        return Reply("休假到哪天？例如「休假到下周三」，有人代班就加一句「骆薇代班」。")
    deputy, missing = _deputy(turn, slots.words)
    setting = _setting(turn)
    setting.away_until, setting.deputy_id = back, deputy.id if deputy else None
    _keep(turn, setting, "push.leave")
    if deputy is not None:
        said = f"{turn.person.name}休假，{_say_back(back)}。这段时间到期的待办和需求也会告诉您。"
        turn.push(deputy.login, Reply(said))
    return Reply(_leave_text(back, deputy, missing), (Button("恢复提醒", "push.resume"),))


@capability(
    command="/resume",
    title="恢复提醒",
    example="恢复提醒",
    words=_RESUME,
    listed=False,
)
def resume(turn: Turn, _: NoSlots) -> Reply:
    """No pause and no leave any more."""
    return _resume(turn)


@on_press("push.resume")
def press_resume(turn: Turn) -> Reply:
    """恢复提醒."""
    return _resume(turn)


@on_press("push.briefing", roles=frozenset({Role.REP}))
def press_briefing(turn: Turn, clock: str) -> Reply:
    """Back to the time that it was."""
    if not re.fullmatch(r"(?:[01]\d|2[0-3])[0-5]\d", clock):
        raise StaleCardError("这个按钮已经不能用了，请重新问一次。")
    return _set_briefing(turn, time(int(clock[:2]), int(clock[2:])))


def _resume(turn: Turn) -> Reply:
    setting = _setting(turn)
    setting.paused_until = setting.away_until = setting.deputy_id = None
    _keep(turn, setting, "push.resume")
    return Reply("好，提醒恢复了。发「我的提醒」看现在的设置。")


def _set_briefing(turn: Turn, clock: time) -> Reply:
    told = turn.policy.pushes
    if not told.quiet_until <= clock < told.quiet_from:
        quiet = f"{told.quiet_from:%H:%M}–{told.quiet_until:%H:%M}"
        return Reply(f"{quiet} 是安静时间，不发提醒。简报最早 {told.quiet_until:%H:%M}。")
    setting = _setting(turn)
    before = setting.briefing_at or told.briefing_at
    setting.briefing_at = clock
    _keep(turn, setting, "push.briefing")
    back = Button(f"改回 {before:%H:%M}", f"push.briefing:{before:%H%M}")
    return Reply(f"好，早安简报改到工作日 {clock:%H:%M}。", (back,) if before != clock else ())


def _setting(turn: Turn) -> PushSetting:
    return setting_of(turn.session, turn.me, turn.now)


def _keep(turn: Turn, setting: PushSetting, action: str) -> None:
    setting.changed_at = turn.now
    turn.session.add(setting)
    turn.session.flush()
    turn.record(action, f"person:{turn.me}")


def _deputy(turn: Turn, words: str) -> tuple[Person | None, str | None]:
    """Who is named to stand in; or the name of somebody who is no colleague of the team."""
    named = [each for each in colleagues_of(turn.session, turn.person) if each.name in words]
    if named:
        return named[0], None
    said = _DEPUTY.search(words)
    return None, said["who"] if said else None


def _leave_text(back: date, deputy: Person | None, missing: str | None) -> str:
    lines = [f"好，{_say_back(back)}，之前不打扰您。"]
    if deputy is not None:
        lines.append(f"{deputy.name}代班：到期的待办和需求会告诉{deputy.name}，已经跟本人说了。")
    elif missing is not None:
        lines.append(
            f"同组里没有找到「{missing}」，没有设代班。要设就说全名，例如「休假到下周三，骆薇代班」。"
        )
    lines.append(_ALWAYS)
    return "\n".join(lines)


def _lines(turn: Turn, setting: PushSetting) -> list[str]:
    told, wishes = turn.policy.pushes, setting.wishes
    briefing = setting.briefing_at or told.briefing_at
    lines = ["我的提醒"]
    lines += [f"早安简报：工作日 {briefing:%H:%M}"] if turn.person.role == Role.REP else []
    if setting.paused_until is not None and turn.now < setting.paused_until:
        lines.append(f"暂停：到 {_say_moment(setting.paused_until)}")
    if setting.away_until is not None and wishes.is_away(turn.now):
        deputy = turn.session.get(Person, setting.deputy_id) if setting.deputy_id else None
        instead = f"，{deputy.name}代班" if deputy else ""
        lines.append(f"休假：{_say_back(setting.away_until)}{instead}")
    quiet = f"{told.quiet_from:%H:%M}–{told.quiet_until:%H:%M}"
    lines.append(f"安静时间：{quiet} 和休息日，只有一级需求和不良事件会来")
    lines.append(f"一天最多 {told.most_a_day} 条，多的放进下一次简报")
    lines.append("要改就说：「简报改到八点」「这周别提醒我」「休假到下周三，骆薇代班」")
    return lines


def _buttons(turn: Turn, setting: PushSetting) -> tuple[Button, ...]:
    silent = setting.wishes.is_silent(turn.now)
    return (Button("恢复提醒", "push.resume"),) if silent else ()


def _say_moment(moment: datetime) -> str:
    local = to_local(moment)
    if local.time() == time():
        return say_day(local.date())
    return f"{say_day(local.date())} {local:%H:%M}"


def _say_back(back: date) -> str:
    return f"{say_day(back)}回来"
