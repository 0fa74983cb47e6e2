"""Next steps, needs and lasting facts: whose, for whom, until when, and what is none of them."""

import pytest

from tests.understanding.ward import visit


@pytest.mark.parametrize(
    ("text", "words", "due"),
    [
        ("见了陆长风。下周三前把完整版文献发他邮箱。", "文献", "下周三前"),
        ("见了陆长风，他想要那篇综述，周四给他。", "综述", "周四"),
        ("孔令怡问有没有名额，我后天给她回话。", "名额", "后天"),
        ("见了陆长风。我马上去找商务，今天下班前给他个说法。", "商务", "今天下班前"),
        ("陆长风主任让我三号之前报一下参会名单。", "参会名单", "三号之前"),
        ("见了陆长风，他让我们出一份医保政策的解读。下周五之前给。", "解读", "下周五之前"),
        ("见了陆长风，他要求两周后交第三版。", "第三版", "两周后"),
        ("见了陆长风。这个我先去问总部，问到了再回他。", "总部", None),
        (
            "见了陆长风聊了十分钟我说这个我得回去问医学部三个工作日内给他答复",
            "医学部",
            "三个工作日内",
        ),
        ("见了陆长风。何涛经理答应周五前把数据发过去。", "数据", "周五前"),
    ],
)
def test_what_our_side_promised_is_a_step(text: str, words: str, due: str | None) -> None:
    steps = visit(text).next_steps
    assert any(words in step.action for step in steps)
    if due is not None:
        assert [step.due for step in steps if step.due] == [due]


@pytest.mark.parametrize(
    "text",
    [
        "见了陆长风，上回答应的文献他说不用发了。",
        "见了陆长风，如果药事会过了，我就把方案发他。",
        "见了陆长风，资料已经发他邮箱了。",
        "见了陆长风主任。我周五不用给他送资料了。",
        "见了陆长风主任。要是药事会过了，我周五就把方案发他。",
        "陆长风主任让我周五派车，我说公司有规定安排不了。",
        "见了陆长风，他下周三去北京开会。",
        "见了陆长风，他明天把名单发我。",
        "陆长风主任说药事会定在十二月九号。",
        "见了陆长风，想提合作，看他脸色算了，改天吧。",
        "孔令怡医生门诊从周三改到周四上午了。",
        "见了陆长风，我把资料留给护士了。",
    ],
)
def test_what_is_denied_done_imagined_or_theirs_is_none(text: str) -> None:
    assert visit(text).next_steps == []


def test_a_step_is_for_the_person_named_in_it() -> None:
    (step,) = visit("见了孔令怡，她让我把材料月底前交给陆长风主任。").next_steps
    assert step.customer == "陆长风主任"


def test_a_step_without_a_name_is_for_the_person_last_talked_to() -> None:
    (step,) = visit("见了陆长风主任，又见了孔令怡。明天把手册带给她。").next_steps
    assert step.customer == "孔令怡"


def test_a_promised_gift_never_becomes_a_step() -> None:
    found = visit("见了陆长风主任，我答应他下周送一张两千的购物卡。")
    assert found.flags
    assert found.next_steps == []


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("陆长风主任说宁康断货三天了。", 1),
        ("孔令怡说有个病人用宁康以后心慌，问要不要停药。", 1),
        ("孔令怡想参加年会，问有没有名额。", 2),
        ("陆长风主任有个课题，想跟我们合作做数据。", 2),
        ("郭守礼主任要一份集采的政策解读。", 3),
    ],
)
def test_a_need_has_its_level(text: str, level: int) -> None:
    assert [need.level for need in visit(text).needs] == [level]


@pytest.mark.parametrize(
    "text",
    [
        "陆长风主任想要那篇长期随访的文献。",
        "见了陆长风主任，他在写病例报告。",
        "见了陆长风主任，我讲了集采政策。",
        "见了陆长风主任，我问他想不想参加年会。",
    ],
)
def test_material_and_our_own_topics_are_no_needs(text: str) -> None:
    assert visit(text).needs == []


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("孔令怡刚当选省分会副主任委员。", "职务职称"),
        ("见了孔令怡，刚升了副高。", "职务职称"),
        ("孔令怡医生调到急诊科去了。", "任职"),
        ("孔令怡医生门诊改到周四上午了。", "门诊时间"),
        ("孔令怡在申报省自然，题目是小气道。", "课题兴趣"),
        ("孔令怡说以后有事微信找她。", "沟通偏好"),
        ("孔令怡一般先用宁康。", "处方习惯"),
        ("孔令怡明年一月去进修半年。", "进修退休"),
    ],
)
def test_a_lasting_fact_goes_to_its_field(text: str, field: str) -> None:
    (update,) = visit(text).profile_updates
    assert (update.customer, update.field) == ("孔令怡" + "医生" * ("医生" in text), field)
    assert update.evidence in text


@pytest.mark.parametrize(
    "text",
    [
        "孔令怡说有个病人去进修了。",
        "孔令怡让我明天带手册。",
        "见了孔令怡，我们公司刚当选理事。",
        "孔令怡问能不能去进修。",
    ],
)
def test_patients_requests_and_ourselves_give_no_fact(text: str) -> None:
    assert visit(text).profile_updates == []
