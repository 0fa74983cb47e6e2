"""Nicknames from a customer's remark."""

import pytest

from bot.domain.roster import aliases_of


@pytest.mark.parametrize(
    ("remark", "aliases"),
    [
        ("科里叫大李主任", ("大李主任",)),
        ("都叫刘院长", ("刘院长",)),
        ("大家都叫小陈医生；爱喝茶", ("小陈医生",)),
        ("人称老张、张头", ("老张", "张头")),
        ("叫他小周就行", ("小周",)),
        ("外号：周大胆", ("周大胆",)),
        ("同事称她「尹姐」", ("尹姐",)),
        ("与心内科王伟同音", ()),
        ("市中医也有一位杨帆", ()),
        ("不叫号不看", ()),
        ("", ()),
    ],
)
def test_only_what_somebody_is_called_is_a_nickname(remark: str, aliases: tuple[str, ...]) -> None:
    assert aliases_of(remark) == aliases
