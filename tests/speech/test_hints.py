"""What a speech model is told before it listens."""

from dataclasses import replace

from bot.domain.roster import Roster
from bot.speech.hints import LONGEST_HINT, OPENING, hint_of
from tests.speech.sounds import roster


def test_products_people_and_places_are_told() -> None:
    hint = hint_of(roster())
    assert hint.text == (
        f"{OPENING}产品：安畅药物涂层球囊、通路安。客户：闫瑢、李建国、王敏、陈晓燕。"
        "地点：市一医院、心内科、省人民医院、内分泌科、呼吸科。"
    )
    assert all(term in hint.text for term in hint.terms)


def test_a_large_territory_fits_and_rare_names_come_first() -> None:
    one = roster().customers[0]
    crowd = tuple(replace(one, id=number, name=f"王小{number}") for number in range(300))
    hint = hint_of(replace(roster(), customers=(*crowd, replace(one, id=900, name="逄翀"))))
    assert len(hint.text) <= LONGEST_HINT
    assert "客户：逄翀、王小0、王小1、" in hint.text


def test_the_order_of_the_rows_does_not_matter() -> None:
    turned = replace(roster(), customers=roster().customers[::-1])
    assert hint_of(turned) == hint_of(roster())


def test_an_empty_territory_has_an_opening_only() -> None:
    assert hint_of(Roster((), (), (), ())).text == OPENING
