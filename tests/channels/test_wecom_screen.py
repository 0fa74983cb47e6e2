"""What a number or words mean on a screen: one button or nothing, and what is used stays used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.cards import Laid, lay_out, needs_numbers
from bot.channels.wecom.screen import MOST_OFFERS, Offer, Screen, number_in, offer_of
from bot.messages import Button, Reply

NOW = 1_800_000_000.0
SEX, VISIT = ("男", "女"), ("确认", "修改", "取消")
TODO = ("完成 1", "推迟 1")
PEOPLE = ("1 沈怀安", "2 孟照华", "3 沈怀安（2楼）")


class Chat:
    """One person's chat, at `now`: what was told, and what is kept, which is read anew each time.
    `told` are the numbers that stand on the screen, by message."""

    def __init__(self) -> None:
        self.now, self.kept = NOW, ""
        self.said = 0

    @property
    def screen(self) -> Screen:
        return Screen.load(self.kept or None)

    def keep(self, screen: Screen) -> None:
        self.kept = screen.dump() or ""
        assert self.kept == (self.screen.dump() or "")

    def offers(
        self,
        on: str,
        labels: tuple[str, ...],
        answers: str | None = None,
        *,
        cards: bool = False,
        card: str | None = None,
    ) -> Laid:
        """What is told, laid out as a sender does."""
        buttons = tuple(Button(label, f"{on}:{place}") for place, label in enumerate(labels))
        reply, screen = Reply(f"{on}？", buttons, card=card), self.screen
        draft = offer_of(reply, Laid(), on, answers)
        start = screen.free_number(draft, self.now) if needs_numbers(reply, cards=cards) else 1
        laid = lay_out(reply, cards=cards, limit=2048, start=start)
        screen.add(offer_of(reply, laid, on, answers), self.now)
        self.keep(screen)
        return laid

    def says(self, words: str, ago: float = 0.0, message: str = "") -> str | None:
        """The button that is meant by what was said some seconds ago."""
        self.said += 1
        screen = self.screen
        taken = screen.take(words, self.now - ago, message or f"m{self.said}")
        self.keep(screen)
        assert taken is None or taken[0].startswith(f"{taken[1]}:")
        return taken and taken[0]

    def presses(self, on: str) -> None:
        """A button of a card."""
        screen = self.screen
        screen.spend(on)
        self.keep(screen)

    def ends(self, answers: str) -> None:
        """A message got a plain answer."""
        screen = self.screen
        screen.keep(lambda offer: offer.answers == answers)
        self.keep(screen)

    def wants_numbers(self) -> None:
        """「用数字」."""
        screen = self.screen
        screen.number_latest(self.now)
        self.keep(screen)


# Which words are a number


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        *[("1", 1), ("１", 1), ("①", 1), (" 2 ", 2), ("13", 13), ("07", 7), ("0", 0)],
        *[("1.", 1), ("1。", 1), ("1、", 1), ("1）", 1), ("选1", 1), ("选 2", 2)],
        *[(text, None) for text in ("3号", "第2个", "2 个", "第2", "2楼", "2点", "1天", "3月")],
        *[(text, None) for text in ("", "一", "1 确认", "确认", "1 2", "1,2", "123", "-1", "1.5")],
        *[(text, None) for text in ("选", "第二个", "(1)", "2026", "见了2个", "1!")],
    ],
)
def test_which_words_are_a_number(said: str, meant: int | None) -> None:
    assert number_in(said) == meant


@given(st.text(max_size=12))
def test_no_words_break_it(said: str) -> None:
    assert number_in(said) in {None, *range(100)}


# One offer


@pytest.mark.parametrize(
    ("said", "pressed"),
    [
        *[("1", "a:0"), ("选2", "a:1"), ("３。", "a:2"), ("确认", "a:0"), (" 修 改", "a:1")],
        *[(text, None) for text in ("0", "4", "13", "3号", "第2个", "确认吧", "确", "1 2", "")],
    ],
)
def test_a_number_means_what_was_offered(said: str, pressed: str | None) -> None:
    chat = Chat()
    chat.offers("a", VISIT)
    assert chat.says(said) == pressed


@pytest.mark.parametrize("said", ["1", "确认"])
def test_a_card_is_pressed_and_not_answered(said: str) -> None:
    chat = Chat()
    chat.offers("a", VISIT, cards=True)
    assert chat.says(said) is None


@pytest.mark.parametrize(
    ("labels", "said", "pressed"),
    [
        (TODO, "完成 1", "a:0"),
        (TODO, "完成1", "a:0"),
        (TODO, "推迟１", "a:1"),
        (TODO, "1", None),
        (TODO, "2", None),
        (PEOPLE, "1", "a:0"),
        (PEOPLE, "2", None),
        (PEOPLE, "3", "a:2"),
        (PEOPLE, "2 孟照华", "a:1"),
        (("45以下", "65以上"), "65", "a:1"),
        (("45以下", "65以上"), "2", None),
        (("6５以上", "不清楚"), "65", "a:0"),
        (("1.5 小时", "10:30", "3 小时"), "5", None),
        (("1.5 小时", "10:30", "3 小时"), "30", None),
        (("1.5 小时", "10:30", "3 小时"), "3", "a:2"),
        (("05床", "6床"), "5", "a:0"),
        (("见了 12 人", "不去"), "2", None),
    ],
)
def test_a_label_with_digits_is_answered_by_its_words(
    labels: tuple[str, ...], said: str, pressed: str | None
) -> None:
    """And by a number only where one label alone holds it."""
    chat = Chat()
    assert chat.offers("a", labels).start is None
    assert chat.says(said) == pressed


# Once


@pytest.mark.parametrize("again", ["1", "2", "男"])
def test_a_choice_is_made_once(again: str) -> None:
    chat = Chat()
    chat.offers("a", SEX)
    assert chat.says("1") == "a:0"
    assert chat.says(again) is None


def test_a_choice_that_could_not_be_handed_in_is_the_same_when_it_comes_again() -> None:
    """WeCom repeats it, or it lay in the spool; meanwhile more may have been offered."""
    chat = Chat()
    chat.offers("a", SEX)
    assert chat.says("1", message="m7") == "a:0"
    assert chat.says("1", message="m7") == "a:0"
    chat.offers("b", VISIT)
    assert chat.says("1", 1.0, message="m7") == "a:0"
    assert chat.says("1", message="m8") == "b:0"


def test_a_press_on_its_card_uses_an_offer_up() -> None:
    chat = Chat()
    chat.offers("a", VISIT, cards=True)
    chat.presses("a")
    chat.wants_numbers()
    assert chat.says("1") is None


def test_a_press_that_is_quicker_than_we_are_uses_it_up_as_well() -> None:
    chat = Chat()
    chat.presses("a")
    chat.offers("a", VISIT, cards=True)
    chat.wants_numbers()
    assert chat.says("1") is None


@pytest.mark.parametrize(
    ("answers", "answered", "pressed"),
    [("m1", "m1", "a:0"), ("m1", "m2", None), (None, "m1", None)],
)
def test_another_answer_ends_an_offer(
    answers: str | None, answered: str, pressed: str | None
) -> None:
    chat = Chat()
    chat.offers("a", VISIT, answers)
    chat.ends(answered)
    assert chat.says("1") == pressed


@pytest.mark.parametrize(
    ("ago", "pressed"),
    [(0.0, "a:0"), (0.5, None), (2.9, None), (3.0, "a:0"), (900.0, "a:0"), (-5.0, "a:0")],
)
def test_a_number_that_crossed_the_offer_does_not_count(ago: float, pressed: str | None) -> None:
    """What is said long before it was said by a clock that is wrong."""
    chat = Chat()
    chat.offers("a", VISIT)
    assert chat.says("1", ago) == pressed


# Side by side


def test_offers_of_one_moment_are_numbered_on() -> None:
    chat = Chat()
    assert chat.offers("a", SEX).texts[0].endswith("回复数字：1 男　2 女")
    chat.now += 59
    assert chat.offers("b", VISIT).texts[0].endswith("回复数字：3 确认　4 修改　5 取消")
    assert chat.says("2") == "a:1"
    assert chat.says("1") is None
    assert chat.says("4") == "b:1"


def test_offers_of_one_message_are_numbered_on_however_long_it_takes() -> None:
    chat = Chat()
    chat.offers("a", SEX, "m1")
    chat.now += 30
    chat.offers("reminder", ("知道了",))
    chat.now += 300
    assert chat.offers("b", VISIT, "m1").start == 4
    assert chat.says("1") == "a:0"


@pytest.mark.parametrize("answers", [("m1", "m2"), (None, "m2"), ("m1", None), (None, None)])
def test_what_was_offered_long_ago_is_out_of_reach_and_its_numbers_are_free(
    answers: tuple[str | None, str | None],
) -> None:
    chat = Chat()
    chat.offers("a", SEX, answers[0])
    chat.now += 61
    assert chat.offers("b", VISIT, answers[1]).start == 1
    assert chat.says("1") == "b:0"
    assert chat.says("1") is None
    assert chat.says("女") is None


def test_cards_take_no_numbers() -> None:
    chat = Chat()
    chat.offers("a", VISIT, cards=True)
    assert chat.offers("b", (*SEX, *VISIT, "甲", "乙"), cards=True).start == 1


def test_a_number_that_stands_on_a_label_is_told_for_nothing_else() -> None:
    chat = Chat()
    chat.offers("a", PEOPLE)
    assert chat.offers("b", VISIT).start == 4
    assert chat.says("1") == "a:0"


def test_a_number_with_two_meanings_has_none() -> None:
    chat = Chat()
    chat.offers("a", VISIT)
    chat.offers("b", PEOPLE)
    assert chat.says("1") is None
    assert chat.says("1 沈怀安") == "b:0"
    assert chat.says("1") == "a:0"


def test_words_mean_what_was_offered_last() -> None:
    chat = Chat()
    chat.offers("a", VISIT)
    chat.offers("b", VISIT)
    assert chat.says("取消") == "b:2"
    assert chat.says("取消") == "a:2"


@pytest.mark.parametrize("later", [0.0, 120.0])
def test_sent_again_an_offer_stands_there_once_with_its_numbers(later: float) -> None:
    chat = Chat()
    chat.offers("a", SEX)
    first = chat.offers("b", VISIT)
    chat.now += later
    assert chat.offers("b", VISIT) == first
    assert [offer.on for offer in chat.screen.offers].count("b") == 1
    assert chat.says("3") == "b:0"
    assert chat.says("3") is None


@pytest.mark.parametrize("how", ["chosen", "pressed", "ended"])
def test_sent_again_what_was_used_stays_used(how: str) -> None:
    chat = Chat()
    chat.offers("a", VISIT)
    if how == "chosen":
        assert chat.says("1") == "a:0"
    elif how == "pressed":
        chat.presses("a")
    else:
        chat.ends("m9")
    chat.offers("a", VISIT)
    assert chat.says("1") is None


def test_the_same_thing_anew_takes_the_place_of_the_older_one() -> None:
    chat = Chat()
    chat.offers("a", SEX)
    chat.offers("b", VISIT, card="note:1")
    assert chat.offers("c", VISIT, card="note:1").start == 3
    assert chat.says("3") == "c:0"
    chat.offers("b", VISIT, card="note:1")
    assert chat.says("3") is None


def test_no_more_than_a_few_stand_side_by_side() -> None:
    chat = Chat()
    for place in range(MOST_OFFERS + 1):
        chat.offers(f"o{place}", SEX)
    assert chat.says("1") is None
    assert chat.says("3") == "o1:0"


# 「用数字」


def test_who_wants_numbers_gets_the_latest_by_number() -> None:
    chat = Chat()
    chat.offers("a", SEX, cards=True)
    chat.offers("b", VISIT, cards=True)
    chat.wants_numbers()
    assert chat.says("2") == "b:1"
    assert chat.says("1") is None


def test_what_has_numbers_keeps_them() -> None:
    """The older text with them is still there to be read."""
    chat = Chat()
    chat.offers("a", SEX)
    chat.offers("b", VISIT)
    chat.wants_numbers()
    assert chat.says("1") is None
    assert chat.says("3") == "b:0"


def test_who_wants_numbers_answers_digits_by_words() -> None:
    chat = Chat()
    chat.offers("a", TODO, cards=True)
    chat.wants_numbers()
    assert chat.says("1") is None
    assert chat.says("推迟 1") == "a:1"


def test_what_is_offered_after_it_is_numbered_on() -> None:
    chat = Chat()
    chat.offers("a", VISIT, cards=True)
    chat.now += 600
    chat.wants_numbers()
    chat.now += 10
    assert chat.offers("b", SEX).start == 4


# Whatever happens

LABELS = st.sampled_from([SEX, VISIT, TODO, PEOPLE, tuple("甲乙丙丁戊己庚"), ("65以上", "其他")])
ACTS = st.lists(
    st.one_of(
        st.tuples(
            st.just("offers"),
            st.integers(0, 9),
            LABELS,
            st.sampled_from(["m1", "m2", None]),
            st.booleans(),
            st.sampled_from(["note:1", "note:2", None]),
        ),
        st.tuples(st.just("says"), st.sampled_from(["1", "2", "3", "选4", "5.", "65", "9"])),
        st.tuples(st.just("presses"), st.integers(0, 9)),
        st.tuples(st.just("ends"), st.sampled_from(["m1", "m2", "m3"])),
        st.tuples(st.just("wants_numbers")),
        st.tuples(st.just("waits"), st.sampled_from([1, 30, 61, 4000])),
    ),
    max_size=30,
)


class Witness:
    """Believes nothing: keeps by itself what was told, and what is used or ended."""

    def __init__(self) -> None:
        self.chat = Chat()
        self.answers: dict[str, str | None] = {}
        self.over: set[str] = set()

    def sees(self, act: tuple[object, ...]) -> None:
        name, *details = act
        getattr(self, str(name))(*details)
        _check_numbers(self.chat.screen)
        assert not self.over.intersection(offer.on for offer in self.chat.screen.offers)

    def offers(
        self,
        place: int,
        labels: tuple[str, ...],
        answers: str | None,
        cards: bool,
        card: str | None,
    ) -> None:
        on = f"o{place}"
        self.answers.setdefault(on, answers)
        self.chat.offers(on, labels, self.answers[on], cards=cards, card=card)

    def says(self, words: str) -> None:
        before = self.chat.screen.offers
        pressed = self.chat.says(words)
        if pressed is not None:
            on = pressed.split(":")[0]
            assert on not in self.over
            assert _meanings(before, words) == [pressed]
            self.over.add(on)

    def presses(self, place: int) -> None:
        self.chat.presses(f"o{place}")
        self.over.add(f"o{place}")

    def ends(self, answers: str) -> None:
        self.chat.ends(answers)
        self.over |= {on for on, answered in self.answers.items() if answered != answers}

    def wants_numbers(self) -> None:
        self.chat.wants_numbers()

    def waits(self, seconds: int) -> None:
        self.chat.now += seconds


def _meanings(offers: list[Offer], words: str) -> list[str]:
    """Every button for which a number stands on the screen, told or on the button."""
    number = number_in(words)
    return [id_ for offer in offers for each, id_ in offer.numbers if each == number]


def _check_numbers(screen: Screen) -> None:
    """No number is told twice, and none presses anything when it stands for two."""
    told = [
        number for offer in screen.offers if offer.start is not None for number, _ in offer.numbers
    ]
    assert len(told) == len(set(told))
    for number in range(1, 70):
        meant = _meanings(screen.offers, str(number))
        taken = Screen.load(screen.dump()).take(str(number), NOW * 2, "another")
        assert (taken is not None) == (len(meant) == 1)


@given(ACTS)
def test_whatever_happens_a_number_presses_one_button_of_an_offer_that_stands(
    acts: list[tuple[object, ...]],
) -> None:
    witness = Witness()
    for act in acts:
        witness.sees(act)
