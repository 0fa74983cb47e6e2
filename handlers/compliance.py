"""合规提醒: what was flagged, as a numbered list; taking it up, and closing it with its outcome."""

import re
from typing import Any

from bot.domain.clock import say_day, to_local
from bot.domain.errors import NotAllowedError, NotFoundError
from bot.domain.todos import number_said
from bot.messages import Button, Reply
from bot.registry import NoSlots, WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, mask
from handlers.flag_lists import (
    CLOSING,
    OUTCOME,
    REVIEWING,
    SHOWN,
    audit_flag,
    flag_of,
    full,
    mine,
    outcome_of,
    page,
    shown_ids,
    shown_page,
    waiting,
)
from storage.flags import ComplianceFlag, FlagStatus
from storage.people import Person, Role
from storage.rosters import roster_of

COMPLIANCE = frozenset({Role.COMPLIANCE})
_NUMBER = r"第?\s*[0-9０-９一二三四五六七八九十]{1,3}\s*[条个项件]?"
_COMMAND = re.compile(rf"^关闭(?:\s*{_NUMBER})?[，,：:\s]*")
_LONGEST = 200


@capability(
    command="/flags",
    title="合规提醒",
    example="合规提醒",
    words=("合规提醒", "未处理的提醒", "医学问题", "医学咨询"),
    pattern=r"合规提醒|^不良事件$|^处理$|没处理的(提醒|不良事件|问题)|未处理|待处理的?(问题|咨询)",
    roles=REVIEWING,
)
def open_flags(turn: Turn, _: NoSlots) -> Reply:
    """What nobody took up yet. Who looks at an adverse event is on the audit trail."""
    return page(turn, 0)


@on_press("flag.page", roles=REVIEWING)
def turn_page(turn: Turn, number: int) -> Reply:
    """Another page of the list."""
    return page(turn, number)


@capability(
    command="/page",
    title="翻页",
    example="下一页",
    pattern=r"^[上下]一页$",
    roles=REVIEWING,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def turn_page_said(turn: Turn, slots: WordsSlots) -> Reply:
    """The page before or after the one that was shown last."""
    return page(turn, shown_page(turn) + (-1 if slots.words.startswith("上") else 1))


@capability(
    command="/take",
    title="处理一条提醒",
    example="处理 2",
    pattern=rf"^(?:我?来?处理了?\s*{_NUMBER}|{_NUMBER}(?:已经|我来|我)?处理[了吧]?)[。！]?$",
    roles=REVIEWING,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def take_up_said(turn: Turn, slots: WordsSlots) -> Reply:
    """Take up the one of the list whose number was said."""
    return _take(turn, _numbered(turn, slots.words)) if slots.words else page(turn, 0)


@capability(
    command="/all",
    title="处理全部提醒",
    example="全部",
    pattern=r"^(?:把?(?:全部|所有|都))(?:的|提醒)*(?:由?我来?)?(?:处理)?了?[。！]?$",
    roles=REVIEWING,
    over_dictation=True,
    listed=False,
)
def take_up_all_said(turn: Turn, _: NoSlots) -> Reply:
    """Ask before all are taken up: each of them is a promise to look into it."""
    count = len(waiting(turn))
    if not count:
        return page(turn, 0)
    buttons = (Button("都由我处理", "flag.all"), Button("一条条看", "flag.page:0"))
    return Reply(f"还有 {count} 条没处理，都登记由您处理吗？", buttons, card="flags")


@on_press("flag.all", roles=REVIEWING)
def take_up_all(turn: Turn) -> Reply:
    """Everything that waits is taken up, each with its entry on the trail."""
    found = waiting(turn)
    for flag, _ in found:
        _acknowledge(turn, flag)
    text = f"{len(found)} 条都登记由您处理了，发「我处理的」看。"
    return Reply(text, (Button("我处理的", "flag.mine"),), card="flags")


@on_press("flag.seen", roles=REVIEWING)
def take_up(turn: Turn, flag_id: int) -> Reply:
    """Somebody looks into it; the flag and its words stay for good."""
    return _take(turn, flag_of(turn, flag_id))


@capability(
    command="/mine",
    title="我处理的提醒",
    example="我处理的",
    words=("我处理的", "我处理的提醒", "我在处理的"),
    roles=REVIEWING,
)
def show_mine(turn: Turn, _: NoSlots) -> Reply:
    """What this person took up."""
    return mine(turn)


@on_press("flag.mine", roles=REVIEWING)
def press_mine(turn: Turn) -> Reply:
    """What this person took up."""
    return mine(turn)


@capability(
    command="/close",
    title="关闭提醒",
    example="关闭 1 已报监测中心",
    pattern=rf"^关闭(?:\s*{_NUMBER}|$)",
    roles=COMPLIANCE,
    slots=WordsSlots,
    over_dictation=True,
)
def close_said(turn: Turn, slots: WordsSlots) -> Reply:
    """Close the one whose number was said, at once when the outcome follows the number."""
    if slots.words.strip() in {"", "关闭"}:
        return mine(turn)
    return _close_numbered(turn, slots.words)


@on_press("flag.close", roles=COMPLIANCE)
def ask_outcome(turn: Turn, flag_id: int) -> Reply:
    """The next words are the outcome."""
    return _ask(turn, flag_of(turn, flag_id))


@on_answer(CLOSING, accepts=lambda said: 1 < len(said) <= _LONGEST and said[-1] not in "？?吗")
def close_with(turn: Turn, said: str, about: dict[str, Any]) -> Reply:
    """Close it; it stays with all its words, the outcome beside them."""
    if turn.person.role not in COMPLIANCE:
        raise NotAllowedError("关闭由合规来做。")
    if re.match(rf"关闭\s*{_NUMBER}", said):
        return _close_numbered(turn, said)
    outcome = _COMMAND.sub("", said).strip()
    flag = flag_of(turn, int(about["flag"]))
    return _close(turn, flag, outcome) if outcome else _ask(turn, flag)


def _close_numbered(turn: Turn, words: str) -> Reply:
    """Close the one of this number, with the outcome behind the command, or ask for it."""
    flag = _numbered(turn, words)
    outcome = _COMMAND.sub("", words).strip()
    return _close(turn, flag, outcome) if outcome else _ask(turn, flag)


def _ask(turn: Turn, flag: ComplianceFlag) -> Reply:
    if flag.status == FlagStatus.CLOSED:
        return Reply(f"这一条已经关闭了。{outcome_of(flag)}")
    turn.ask(CLOSING, flag=flag.id, ids=shown_ids(turn))
    title = advise(flag.code, flag.evidence).title
    return Reply(f"关闭「{title}」：请用一句话说结果，例如「已报监测中心」。")


def _numbered(turn: Turn, words: str) -> ComplianceFlag:
    """The one with this number on the list that was shown last. Raises NotFoundError."""
    number, ids = number_said(words) or _plain_number(words), shown_ids(turn)
    if not number or number > len(ids):
        raise NotFoundError(f"清单里没有这个号（一共 {len(ids)} 条）。发「合规提醒」看看。")
    return flag_of(turn, ids[number - 1])


def _plain_number(words: str) -> int:
    found = re.search(r"\d+", words)
    return int(found[0]) if found else 0


def _take(turn: Turn, flag: ComplianceFlag) -> Reply:
    if flag.status != FlagStatus.OPEN:
        who = turn.session.get(Person, flag.acknowledged_by_id)
        return Reply(f"这一条已经由{who.name if who else '别人'}处理了。", card=f"flag:{flag.id}")
    _acknowledge(turn, flag)
    left = len(waiting(turn))
    close = Button("关闭", f"flag.close:{flag.id}")
    buttons = [close] if turn.person.role in COMPLIANCE else []
    buttons += [Button("看剩下的", "flag.page:0")] if left else []
    rest = f"还有 {left} 条没处理。" if left else "没有别的未处理的了。"
    return Reply(
        f"已登记由您处理。{rest}\n{full(turn, flag)}", tuple(buttons), card=f"flag:{flag.id}"
    )


def _acknowledge(turn: Turn, flag: ComplianceFlag) -> None:
    flag.status = FlagStatus.ACKNOWLEDGED
    flag.acknowledged_by_id, flag.acknowledged_at = turn.me, turn.now
    turn.session.add(flag)
    turn.session.flush()
    audit_flag(turn, flag, "flag.acknowledge")


def _close(turn: Turn, flag: ComplianceFlag, outcome: str) -> Reply:
    # The numbers stay those of the list; the outcome is no longer asked for.
    turn.ask(SHOWN, ids=shown_ids(turn))
    if flag.status == FlagStatus.CLOSED:
        return Reply(f"这一条已经关闭了。{outcome_of(flag)}")
    if flag.status == FlagStatus.OPEN:
        _acknowledge(turn, flag)
    said = mask(outcome[:_LONGEST], roster_of(turn.session, turn.person)).text
    moment = to_local(turn.now)
    when = f"{say_day(moment.date())} {moment:%H:%M}"
    flag.more = [*flag.more, f"{OUTCOME}{said}（{turn.person.name}，{when}）"]
    flag.status = FlagStatus.CLOSED
    turn.session.add(flag)
    turn.session.flush()
    audit_flag(turn, flag, "flag.close")
    title = advise(flag.code, flag.evidence).title
    return Reply(
        f"已关闭「{title}」：{said}。原话和补充都留着。",
        (Button("我处理的", "flag.mine"),),
        card=f"flag:{flag.id}",
    )
