"""标签 in words: 「给李崇文加个标签 科研型」 after 确认, 「李崇文的标签」 to look."""

import re
from typing import Any

from bot.domain.errors import NotAllowedError, StaleCardError, UserError
from bot.messages import Button, Reply
from bot.registry import WordsSlots, capability, on_answer, on_press
from bot.turn import Turn
from bot.understanding.screening import advise, forbidden_as_step, screen
from handlers.brief import READERS
from handlers.next_visit import REPS
from handlers.nods import is_nod, is_yes
from handlers.whom import about_one, own_customer
from storage.profiles import add_tag, remove_tag, tags_of
from storage.rosters import roster_of

_PENDING = "tag.add"
_LONGEST_TAG = 12
_ADD = re.compile(
    r"^(?:请|麻烦)?(?:给|帮|把|为)?(?P<who>[^，,。：:]{2,10}?)(?:的)?"
    r"(?:加上?|打上?|贴上?|添上?|增加|添加)(?:个|一个|上)?(?:标签)?[：:\s「“]*"
    r"(?P<tag>[^，,。！!？?；;：:「」“”\s]{1,20})[」”。！!]?$"
)
_SAID = (
    r"^(?:请|麻烦)?(?:给|帮|把|为)?[^，,。：:]{2,10}?"
    r"(?:加|打|贴|添|增加|添加)上?(?:个|一个)?标签.{0,24}$"
)
_VOLUME = re.compile(r"处方|开药|开单|用量|销量|上量|走量|大户|红包|回扣|返点|提成|统方")


@capability(
    command="/tag",
    title="加标签",
    example="给李主任加个标签 科研型",
    pattern=_SAID,
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def add(turn: Turn, slots: WordsSlots) -> Reply:
    """A card with the customer and the tag; nothing is stored before 确认."""
    if turn.person.role not in REPS:
        raise NotAllowedError("标签由负责的代表来加。发「帮助」看您能做的。")
    said = _ADD.match(slots.words.strip())
    if said is None or said["tag"] == "标签":
        return Reply("加什么标签？连着名字说，例如「给李主任加个标签 科研型」。")
    _refuse(turn, said["tag"])
    turn.ask(_PENDING, tag=said["tag"], customer=None)
    return about_one(turn, said["who"], "tag.for", _card, _whose)


@capability(
    command="/tags",
    title="看标签",
    example="李主任的标签",
    pattern=r"^[^，,。：:]{2,8}?的?(?:有(?:什么|哪些)|都有(?:什么|哪些))?标签(?:是什么|有哪些)?[？?。]?$",
    slots=WordsSlots,
    over_dictation=True,
    listed=False,
)
def show_tags(turn: Turn, slots: WordsSlots) -> Reply:
    """The tags on a customer's file."""
    if turn.person.role not in READERS:
        raise NotAllowedError("客户的标签由负责的代表和主管看。发「帮助」看您能做的。")
    return about_one(turn, slots.words, "tag.show", _tags, _whose)


@on_press("tag.show", roles=READERS)
def press_show(turn: Turn, customer_id: int) -> Reply:
    """The tags of a customer chosen by button."""
    return _tags(turn, customer_id)


@on_press("tag.for", roles=REPS)
def press_customer(turn: Turn, customer_id: int) -> Reply:
    """Which of several customers gets the tag."""
    return _card(turn, customer_id)


@on_press("tag.add", roles=REPS)
def press_add(turn: Turn) -> Reply:
    """确认: put the tag on the file."""
    return _store(turn, _pending(turn))


@on_press("tag.forget", roles=REPS)
def press_forget(turn: Turn) -> Reply:
    """取消: nothing is stored."""
    return _forget(turn)


@on_press("tag.remove", roles=REPS)
def press_remove(turn: Turn, customer_id: int, tag: str) -> Reply:
    """撤销: take the tag off again."""
    customer = own_customer(turn, customer_id)
    remove_tag(turn.session, customer.id or 0, tag, actor_id=turn.me, at=turn.now)
    return _tags(turn, customer.id or 0)


@on_answer(_PENDING, accepts=is_nod)
def take_word(turn: Turn, words: str, about: dict[str, Any]) -> Reply:
    """确认 or 取消 in words."""
    return _store(turn, about) if is_yes(words) else _forget(turn)


def _forget(turn: Turn) -> Reply:
    turn.stop_asking()
    return Reply("好，没有加。")


def _refuse(turn: Turn, tag: str) -> None:
    """What must not become a promise does not go on a file either (SY-09)."""
    roster = roster_of(turn.session, turn.person)
    code = forbidden_as_step(tag, roster) or next((f.code for f in screen(tag, roster)), None)
    if code is not None:
        raise UserError(f"「{tag}」不能做标签。{advise(code).reply}")
    if _VOLUME.search(tag):
        raise UserError("处方、销量和好处不能记在客户身上。可以记学术兴趣、角色和沟通习惯。")
    if len(tag) > _LONGEST_TAG:
        raise UserError(f"标签要短一点，{_LONGEST_TAG} 个字以内，例如「科研型」。")


def _pending(turn: Turn) -> dict[str, Any]:
    asked = turn.asked
    if asked is None or asked.question != _PENDING:
        raise StaleCardError("这张卡片过期了，把要加的标签再说一遍就好。")
    return dict(asked.about)


def _card(turn: Turn, customer_id: int) -> Reply:
    customer, tag = own_customer(turn, customer_id), _pending(turn)["tag"]
    if tag in tags_of(turn.session, customer_id):
        return _tags(turn, customer_id)
    turn.ask(_PENDING, tag=tag, customer=customer_id)
    buttons = (Button("确认", "tag.add"), Button("取消", "tag.forget"))
    return Reply(f"给{customer.name}加上标签「{tag}」吗？", buttons)


def _store(turn: Turn, about: dict[str, Any]) -> Reply:
    if about["customer"] is None:
        raise StaleCardError("给哪位加还没定，把要加的标签连名字再说一遍就好。")
    customer, tag = own_customer(turn, about["customer"]), str(about["tag"])
    add_tag(turn.session, customer.id or 0, tag, actor_id=turn.me, at=turn.now)
    undo = f"tag.remove:{customer.id}:{tag}"
    turn.ask("tag.added", undo=undo)
    tags = "、".join(tags_of(turn.session, customer.id or 0))
    return Reply(
        f"加好了：{customer.name}的标签有{tags}。",
        (Button("撤销", undo), Button("客户档案", f"customer.show:{customer.id}")),
    )


def _tags(turn: Turn, customer_id: int) -> Reply:
    customer = own_customer(turn, customer_id)
    tags = "、".join(tags_of(turn.session, customer_id))
    show = Button("客户档案", f"customer.show:{customer_id}")
    if not tags:
        hint = f"要加就说「给{customer.name}加个标签 科研型」。"
        return Reply(f"{customer.name}还没有标签。{hint}", (show,))
    return Reply(f"{customer.name}的标签：{tags}。", (show,))


def _whose(_: Turn) -> Reply:
    return Reply("哪位客户的标签？说名字就行，例如「李主任的标签」。")
