"""「邱国栋不去了，他休假到12月5号」: a customer who is not to be suggested, said in words."""

import re
from typing import Any

from bot.domain.asking import PATIENT_WORDS, is_name
from bot.domain.errors import NotAllowedError
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_answer
from bot.turn import Turn
from handlers.next_visit import REPS, suggested
from handlers.skips import ask_reason, pause_for
from handlers.whom import ask_which, find_whom, no_such_name, own_customer

_WHOM = "next.skip.whom"
_NOT_TOLD = rf"{PATIENT_WORDS}|药|说|问|聊|谈|见了|见到|拜访了|开会"
_WHEN = r"(?:今天|明天|后天|这周|本周|下周|这次|最近|暂时|这阵子|先|就|都|也)*"
_NOT = rf"{_WHEN}(?:不(?:去|见|拜访)了?|别(?:再)?推荐了?|(?:不用|不要)(?:再)?(?:推荐|去)了?)"
_SKIP = (
    rf"^(?!.*(?:{_NOT_TOLD})){_WHEN}(?:[^，,。；;！!？?\s]{{2,8}}?(?:那边|那儿|那里|这边)?)?{_NOT}"
    r"(?:[，,。；;\s].{0,40}|[。！!])?$"
    rf"|^(?!.*(?:{_NOT_TOLD})){_NOT}[^，,。；;！!？?\s]{{2,6}}(?:那边|那儿|那里)?(?:了|[，,。；;\s].{{0,40}})?$"
)
_ELSE = re.compile(r"第.{1,2}条|了[。！!]?$|推迟|标签|撤销")
_CLAUSE = re.compile(r"[，,。；;\s]+")


def _is_whom(words: str) -> bool:
    return is_name(words) and not _ELSE.search(words)


@capability(
    command="/skip",
    title="先不去",
    example="李主任先不去了，他休假到下周五",
    words=("不去", "不去了", "先不去", "这位不去"),
    pattern=_SKIP,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def skip_in_words(turn: Turn, slots: WordsSlots) -> Reply:
    """Do not suggest a customer until the day that the reason names."""
    if turn.person.role not in REPS:
        raise NotAllowedError("先不去谁，由负责的代表自己来定。发「帮助」看您能做的。")
    whom = find_whom(turn, _CLAUSE.split(slots.words)[0])
    if len(whom.customers) > 1:
        return ask_which(whom, "next.skip")
    if whom.customers:
        customer = own_customer(turn, whom.customers[0].id)
        reason = "，".join(_CLAUSE.split(slots.words)[1:]).strip(" ，。！!")
        return pause_for(turn, customer, reason) if reason else ask_reason(turn, customer)
    return no_such_name(turn, whom.mention) if whom.mention else _which(turn)


def _which(turn: Turn) -> Reply:
    """Those who are suggested today, to choose from."""
    buttons = tuple(Button(each.name, f"next.skip:{each.id}") for each in suggested(turn))
    if not buttons:
        return Reply("哪位先不去？说名字就行，例如「李主任先不去了，他休假到下周五」。")
    turn.ask(_WHOM)
    return Reply("哪位先不去？选一下，或者说名字。", buttons)


@on_answer(_WHOM, accepts=_is_whom)
def take_name(turn: Turn, words: str, _: dict[str, Any]) -> Reply:
    """A name, after 「哪位先不去？」."""
    turn.stop_asking()
    whom = find_whom(turn, words)
    if len(whom.customers) == 1:
        return ask_reason(turn, own_customer(turn, whom.customers[0].id))
    return ask_which(whom, "next.skip") if whom.customers else no_such_name(turn, words)
