"""Nicknames from a customer's remark."""

import pytest

from bot.domain.roster import aliases_of


@pytest.mark.parametrize(
    ("remark", "aliases"),
    [
        ("科里叫大钟主任", ("大钟主任",)),
        ("都叫钟院长", ("钟院长",)),
        ("大家都叫小钟医生；爱喝茶", ("小钟医生",)),
        ("人称老张、张头", ("老张", "张头")),
        ("叫他小周就行", ("小周",)),
        ("外号：周大胆", ("周大胆",)),
        ("同事称她「尹姐」", ("尹姐",)),
        ("与儿科钟景同音", ()),
        ("东院也有一位钟景", ()),
        ("不叫号不看", ()),
        ("", ()),
    ],
)
def test_only_what_somebody_is_called_is_a_nickname(remark: str, aliases: tuple[str, ...]) -> None:
    assert aliases_of(remark) == aliases
