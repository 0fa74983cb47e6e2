"""What people are told about those whom nothing reaches."""

from bot.domain.reach import account_is, name_first, why_unsent


def test_a_word_in_the_record_is_told_in_chinese() -> None:
    assert why_unsent("blocked") == account_is("blocked") == "停用了机器人"
    assert why_unsent("refused") == "平台没收下"
    assert why_unsent("something new") == account_is("something new") == "暂时联系不上"


def test_the_first_names_and_how_many_there_are() -> None:
    assert name_first(["唐宁", "骆薇"], 2, "人", first=2) == "唐宁、骆薇"
    assert name_first(["唐宁", "骆薇", "康洁"], 3, "人", first=2) == "唐宁、骆薇 等 3 人"
