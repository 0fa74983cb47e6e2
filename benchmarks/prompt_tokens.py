"""How many input tokens one dictation costs, against a prompt that carries the whole territory.

    python -m benchmarks.prompt_tokens

Tokens are estimated, twice: with the ratio that DeepSeek documents (a Chinese character 0.6 tokens,
any other character 0.3), and with a pessimistic one (1.0 and 0.3). The form of the answer counts:
services put the JSON schema before the prompt.
"""

import json
import random
from datetime import datetime

from bot.domain.clock import SHANGHAI
from bot.domain.note import ProposedNote
from bot.domain.roster import Roster, RosterCustomer, RosterHospital, RosterProduct
from bot.llm.formats import Format, structured
from bot.prompting import Prompt
from bot.understanding.candidates import customer_lines
from bot.understanding.model import note_prompt
from bot.understanding.pseudonyms import pseudonyms

BUDGET = 1500
NOW = datetime(2026, 11, 18, 17, 40, tzinfo=SHANGHAI)
_SURNAMES = "赵钱孙周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕施"
_GIVEN = "文思远若兰清和明哲雨桐子安书瑶景行知微云舟"
_DEPARTMENTS = ("心内科", "肾内科", "内分泌科", "呼吸科", "神经内科", "老年科", "药剂科")
_TITLES = ("主任医师", "副主任医师", "主治医师")


def territory(customers: int, seed: int = 7) -> Roster:
    """A made-up portfolio of so many customers in eight hospitals."""
    dice = random.Random(seed)
    hospitals = tuple(
        RosterHospital(f"青屿市第{n}人民医院", (f"市{n}院",), _DEPARTMENTS)
        for n in "一二三四五六七八"
    )
    people = tuple(
        RosterCustomer(
            id=number,
            name=dice.choice(_SURNAMES) + "".join(dice.sample(_GIVEN, 2)),
            hospital=dice.choice(hospitals).name,
            department=dice.choice(_DEPARTMENTS),
            post=None,
            title=dice.choice(_TITLES),
            kind="医生",
        )
        for number in range(1, customers + 1)
    )
    products = tuple(
        RosterProduct(f"恒舒{end}", (), "高血压", (f"稳压{end}", f"平络{end}"))
        for end in "宁安平康"
    )
    return Roster(people, hospitals, products, ("罗晓", "程野"))


def dictation(roster: Roster) -> str:
    """About 200 characters about the first two customers."""
    one, other = roster.customers[:2]
    return (
        f"刚从{one.hospital}{one.department}出来，今天下午三点一刻见了{one.name}主任，聊了大概二十五分钟，"
        f"后来{other.name}也过来坐了一会儿。{one.name[0]}主任对恒舒宁的夜间血压数据很感兴趣，"
        "但是他撂下一句「样本量太小，说服不了我」，还问肾功能不全的病人怎么减量。"
        "他说明年三月要报一个省级课题，方向是难治性高血压，门诊也从下个月改到周四上午。"
        "我答应下周三前把完整版的文献发他邮箱，再请医学部三个工作日内答复减量的问题，"
        f"{other.name}想要两个十二月学术会的名额。"
    )


def tokens(text: str, *, chinese: float) -> int:
    """The estimate for a text, with so many tokens per Chinese character and 0.3 per other one."""
    count = sum("\u2e80" <= character <= "\uffef" for character in text)
    return round(count * chinese + (len(text) - count) * 0.3)


def sent(prompt: Prompt, form: Format) -> str:
    """Everything of a request that a model reads."""
    params = json.dumps(form.params, ensure_ascii=False, separators=(",", ":"))
    return prompt.system + form.hint + prompt.user + params


def main() -> None:
    """Print one line per form of the prompt."""
    roster = territory(300)
    text = dictation(roster)
    names = pseudonyms(text, roster)
    forms = dict(zip(("json_schema", "json_object", "text"), structured(ProposedNote), strict=True))
    ours = note_prompt(text, roster, now=NOW, names=None)
    whole = "\n".join(f"{c.name}：{c.hospital} {c.department} {c.title}" for c in roster.customers)
    few = customer_lines(text, roster, None)
    cases = {f"ours, {name}": sent(ours, form) for name, form in forms.items()}
    hidden = note_prompt(text, roster, now=NOW, names=names)
    cases["ours, json_schema, names hidden"] = sent(hidden, forms["json_schema"])
    cases["naive: the whole territory"] = cases["ours, json_schema"].replace(few, whole)
    print(f"dictation {len(text)} characters, territory {len(roster.customers)} customers")
    for label, everything in cases.items():
        usual, dear = (tokens(everything, chinese=ratio) for ratio in (0.6, 1.0))
        print(f"{label:34} {usual:6} tokens  (pessimistic {dear})")
    most = tokens(cases["ours, json_schema"], chinese=0.6)
    assert most <= BUDGET, f"{most} is more than the {BUDGET} tokens allowed"


if __name__ == "__main__":
    main()
