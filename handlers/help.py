"""「帮助」 says what this person can do, greetings get one kind line, 「隐私」 shows the notice."""

from bot.messages import Reply
from bot.notice import TEXT
from bot.registry import NoSlots, WordsSlots, capability
from bot.turn import Turn
from handlers.visit_notes import DICTATING
from storage.people import Role

DICTATE = "刚见了李主任，聊了二十分钟，下周三前把文献发他"


@capability(
    command="/help",
    title="帮助",
    group="更多",
    example="帮助",
    words=("帮助", "帮忙", "菜单", "功能", "怎么用", "help", "Help", "?", "？"),
    intent="help",
)
def show_help(turn: Turn, _: NoSlots) -> Reply:
    """What a person of this role can do, with an example each."""
    lines = [f"{turn.person.name}（{turn.person.role.label}），我能帮您："]
    if turn.person.role in DICTATING:
        lines.append(f"· 记拜访：直接说经过，例如「{DICTATE}」")
    lines += [
        f"· {ability.title}：「{ability.example}」（{ability.command}）"
        for ability in sorted(turn.abilities, key=lambda ability: ability.command in _GENERAL)
        if ability.command != "/help"
    ]
    return Reply("\n".join(lines))


@capability(
    command="/start",
    title="问候",
    example="你好",
    listed=False,
    slots=WordsSlots,
    words=("你好", "您好", "在吗", "早", "早安", "嗨", "hi", "hello", "Hi", "Hello", "你好呀"),
    pattern=r"^(你好|您好|早上好|上午好|中午好|下午好|晚上好|早安|晚安|大家好|在吗|哈喽|嗨)"
    r"|^(非常|太|多)?(谢谢|感谢|多谢|谢了|辛苦了)|^(好的?|行|再见|拜拜|收到|嗯+|明白|知道)了?[。！!~～]*$",
)
def greet(turn: Turn, slots: WordsSlots) -> Reply:
    """One kind line with the two most useful things to say."""
    said = slots.words
    if any(word in said for word in ("谢", "辛苦")):
        return Reply("不客气！有新的拜访随时说给我听。")
    if any(word in said for word in ("再见", "拜拜", "晚安")):
        return Reply("再见，路上小心！")
    return Reply(f"{turn.person.name}，您好！{_what_to_say(turn)}")


@capability(
    command="/privacy",
    title="隐私",
    group="更多",
    example="隐私",
    words=("隐私", "使用须知", "隐私须知", "隐私政策"),
    pattern=r"(记录|数据|信息).{0,6}(谁能看|谁看得到|会给谁|保存多久|隐私)|隐私(政策|须知|说明|保护)",
)
def show_notice(_: Turn, __: NoSlots) -> Reply:
    """What is kept, what is masked, who is told."""
    return Reply(TEXT)


def _what_to_say(turn: Turn) -> str:
    examples = [ability.example for ability in turn.abilities if ability.command not in _GENERAL]
    if turn.person.role == Role.REP:
        best = "下一个该见谁" if "/next" in {a.command for a in turn.abilities} else "帮助"
        return f"拜访完直接说经过，例如「{DICTATE}」；也可以问「{best}」。"
    asked = "」「".join([*examples[:2], "帮助"][:2])
    return f"可以问我「{asked}」。"


_GENERAL = {"/help", "/privacy"}
