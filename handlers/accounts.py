"""Chat accounts, for the admin: invite a colleague, unbind one, see who can be reached."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.domain.clock import local_day, say_day
from bot.domain.errors import NotFoundError, StaleCardError
from bot.domain.reach import LOOK_BACK, NOWHERE, name_first, platform_title, why_unsent
from bot.messages import Button, Reply
from bot.registry import NoSlots, WordsSlots, capability, on_press
from bot.turn import Turn
from storage.accounts import accounts_of, unbind
from storage.bindings import called, count_people, newly_bound, out_of_reach, without_account
from storage.deliveries import failed_since, withdraw
from storage.invites import VALID_FOR, create_invite
from storage.people import Account, Person, Role

ADMIN = frozenset({Role.ADMIN})
FIRST = 8
"""So many names of each kind fit on one screen."""

_MOST = 10_000

_AROUND_INVITED = r"邀请码|邀请|同事|一下|请|帮我|麻烦|给|发|一?个|生成|新的?|的|[，。！？\s]"
_AROUND_UNBOUND = (
    r"解除绑定|取消绑定|解除|取消|解绑|绑定|聊天|[账帐][号户]|同事|一下|请|帮我|麻烦|把|给|将|的|了"
    r"|[，。！？\s]"
)


@capability(
    command="/invite",
    title="邀请同事绑定聊天账号",
    example="邀请王小明",
    words=("邀请", "邀请码", "邀请同事"),
    pattern=r"^(?:请|帮我)?邀请.{2,20}$|邀请码",
    roles=ADMIN,
    slots=WordsSlots,
)
def invite(turn: Turn, slots: WordsSlots) -> Reply:
    """A code for one colleague, whom the words name or whose login they give; it is shown once.

    Raises:
        NotFoundError: nobody of that name, or several.
    """
    names = _names(slots.words, _AROUND_INVITED)
    if not names:
        raise NotFoundError("邀请谁？请说姓名或账号，例如「邀请王小明」。")
    found = [each for each in _called(turn, names) if each.active]
    person = _the_one(found, names[-1])
    code = create_invite(turn.session, person, now=turn.now, actor_id=turn.me)
    text = (
        f"{person.name}（{person.role.label}，{person.login}）的邀请码：{code}\n"
        f"{VALID_FOR.days} 天内有效，只能用一次；以前没用的码作废。"
        "请只转给本人，让本人发给我就绑好了。"
    )
    return Reply(text, once=code)


@capability(
    command="/unbind",
    title="解绑同事的聊天账号",
    example="解绑王小明",
    words=("解绑", "解除绑定", "取消绑定"),
    pattern=r"^.{0,24}解绑.{0,24}$|(?:解除|取消).{0,16}绑定",
    roles=ADMIN,
    slots=WordsSlots,
)
def ask_to_unbind(turn: Turn, slots: WordsSlots) -> Reply:
    """A card with what a person is bound to; nothing happens before 确认解绑.

    Raises:
        NotFoundError: nobody of that name, or several.
    """
    names = _names(slots.words, _AROUND_UNBOUND)
    if not names:
        raise NotFoundError("解绑谁？请说姓名或账号，例如「解绑王小明」。")
    found = _called(turn, names)
    person = _the_one([each for each in found if each.active] or found, names[-1])
    accounts = accounts_of(turn.session, person.id or 0)
    if not accounts:
        return Reply(f"{_who(person)}没有绑定聊天账号，不用解绑。{_how_to_return(person)}")
    lines = [f"{_who(person)}绑定了：", *_each(turn, accounts), _what_follows(turn, person)]
    buttons = (
        Button("确认解绑", f"account.unbind:{person.id}"),
        Button("不解绑", f"account.keep:{person.id}"),
    )
    return Reply("\n".join(lines), buttons, card=_card(person.id or 0))


@on_press("account.unbind", roles=ADMIN)
def press_unbind(turn: Turn, person_id: int) -> Reply:
    """确认解绑: the accounts go, and what waits for them is not sent there any more."""
    person, accounts = _bound(turn, person_id)
    unbind(turn.session, person_id, now=turn.now, actor_id=turn.me)
    kept = withdraw(turn.session, person_id, NOWHERE, now=turn.now)
    lines = [f"已解绑{_who(person)}：", *_each(turn, accounts)]
    if kept:
        lines.append(f"还没发出的 {kept} 条不发了，等本人重新绑定再补。")
    return Reply("\n".join([*lines, _how_to_return(person)]), card=_card(person_id))


@on_press("account.keep", roles=ADMIN)
def press_keep(turn: Turn, person_id: int) -> Reply:
    """不解绑: nothing is changed."""
    person, _ = _bound(turn, person_id)
    return Reply(f"好，{person.name}的账号没有动。", card=_card(person_id))


@capability(
    command="/accounts",
    title="谁绑定了、谁联系不上",
    example="绑定情况",
    words=("绑定情况", "绑定名单", "谁绑定了", "谁没绑定", "谁还没绑定", "联系不上谁"),
    pattern=r"绑定(?:的)?(?:情况|名单|状态|进度)|(?:谁|哪些人|几个人|多少人).{0,6}(?:绑定|联系不上)",
    roles=ADMIN,
)
def show_accounts(turn: Turn, _: NoSlots) -> Reply:
    """One screen: how many are bound, who is not, whom nothing reaches, what did not arrive."""
    people, bound = count_people(turn.session)
    lines = [f"在用 {people} 人：{bound} 人绑定了聊天账号，{people - bound} 人还没有。"]
    lines += _unbound(turn, people - bound)
    lines += _lost(turn)
    lines += _failed(turn)
    lines += _newest(turn, bound)
    return Reply("\n".join([*lines, "请人绑定发「邀请王小明」，收回发「解绑王小明」。"]))


def _unbound(turn: Turn, count: int) -> list[str]:
    people = without_account(turn.session, limit=FIRST)
    return _line("还没绑定", [f"{each.name}（{each.role.label}）" for each in people], count, "人")


def _lost(turn: Turn) -> list[str]:
    lost = out_of_reach(turn.session, limit=_MOST)
    shown = [
        f"{name}（{platform_title(channel)}，{_since(turn, at)}起）" for name, channel, at in lost
    ]
    return _line("联系不上", shown, len(lost), "人")


def _failed(turn: Turn) -> list[str]:
    failed = failed_since(turn.session, turn.now - LOOK_BACK)
    total = sum(count for _, _, count in failed)
    shown = [f"{name} {count} 条（{why_unsent(why)}）" for name, why, count in failed]
    about = f"{LOOK_BACK.days} 天内没送到 {total} 条"
    return _line(about, shown, len(failed), "人次")


def _newest(turn: Turn, count: int) -> list[str]:
    newest = newly_bound(turn.session, limit=FIRST)
    shown = [
        f"{name}（{platform_title(channel)}，{_since(turn, at)}）" for name, channel, at in newest
    ]
    return _line("已绑定", shown, count, "人")


def _line(about: str, shown: list[str], count: int, unit: str) -> list[str]:
    """One line of a screen, or none; the first names and how many there are of them."""
    if not shown:
        return []
    return [f"{about}：{name_first(shown, count, unit, first=FIRST)}"]


def _names(words: str, around: str) -> list[str]:
    """What can be the name or login in 「给陆晚晴一个邀请码」 or 「把唐宁的账号解绑」, the longest
    first: a name may end like the words around it."""
    rest, names = re.sub(rf"^(?:{around})+", "", words), []
    while rest and rest not in names:
        names.append(rest)
        rest = re.sub(rf"(?:{around})$", "", rest)
    return names


def _called(turn: Turn, names: Iterable[str]) -> list[Person]:
    return next((found for name in names if (found := called(turn.session, name))), [])


def _the_one(found: list[Person], name: str) -> Person:
    if not found:
        raise NotFoundError(f"人员里没有「{name}」。请检查姓名，或先在「人员」表里加上再导入。")
    if len(found) > 1:
        logins = "、".join(person.login for person in found)
        raise NotFoundError(f"有 {len(found)} 位「{name}」，请说账号：{logins}。")
    return found[0]


def _bound(turn: Turn, person_id: int) -> tuple[Person, list[Account]]:
    """A person who still has an account. Raises StaleCardError."""
    person, accounts = turn.session.get(Person, person_id), accounts_of(turn.session, person_id)
    if person is None or not accounts:
        raise StaleCardError("这位同事已经没有绑定的账号了，不用再解绑。")
    return person, accounts


def _each(turn: Turn, accounts: Iterable[Account]) -> list[str]:
    return [_account(account, lambda at: _since(turn, at)) for account in accounts]


def _account(account: Account, day: Callable[[datetime], str]) -> str:
    line = f"· {platform_title(account.channel)}，{day(account.bound_at)}绑定"
    if account.lost_at is not None:
        return f"{line}，{day(account.lost_at)}起联系不上"
    return f"{line}，最近一次说话 {day(account.seen_at)}" if account.seen_at else line


def _since(turn: Turn, at: datetime) -> str:
    return say_day(local_day(at), today=turn.today)


def _what_follows(turn: Turn, person: Person) -> str:
    if person.id == turn.me:
        return (
            "这是您自己的账号：解绑后要在服务器上运行 "
            f"python -m bot invite {person.login} 才能回来。要解绑吗？"
        )
    return "解绑后本人再发消息，我就当不认识；记录都留着。要解绑吗？"


def _how_to_return(person: Person) -> str:
    return f"要再用，发「邀请{person.name}」。" if person.active else "本人已经停用，不能再绑定。"


def _who(person: Person) -> str:
    return f"{person.name}（{person.role.label}，{person.login}）"


def _card(person_id: int) -> str:
    return f"account-{person_id}"
