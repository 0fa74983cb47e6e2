"""What the AI bot writes shows as it was written, whatever signs are in it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.channels.splitting import split_text
from bot.channels.wecom_bot.markdown import as_markdown, markdown_length

LOOKS = str.maketrans("＃＞–＋．）＝＊｀～＼＜＆］＿\u00a0", "#>-+.)=*`~\\<&]_ ")
PLAIN = {"paragraph_open", "paragraph_close", "inline", "text", "hardbreak", "softbreak"}
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SIGNS = st.text(st.sampled_from("王主任 aZ01#*_~`[](){}<>!|\\+-=.:&;/@\t\n"), max_size=60)


def shown(markdown: str) -> tuple[str, set[str]]:
    """What a reader of markdown sees, and the kinds of things it is made of."""
    tokens = READER.parse(markdown)
    inner = [child for token in tokens for child in token.children or []]
    words = "\n\n".join(_words(token) for token in tokens if token.type == "inline")
    return words, {token.type for token in [*tokens, *inner]}


def _words(inline: Token) -> str:
    return "".join(
        "\n" if child.type in {"hardbreak", "softbreak"} else child.content
        for child in inline.children or []
    )


def squeezed(text: str) -> str:
    """Without the blanks about lines, and with one empty line for several; signs as they look."""
    paragraphs: list[list[str]] = [[]]
    for line in text.translate(LOOKS).splitlines():
        if line.strip():
            paragraphs[-1].append(" ".join(line.split()))
        elif paragraphs[-1]:
            paragraphs.append([])
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines)


@pytest.mark.parametrize(
    "text",
    [
        "确认了：王主任，面访 20 分钟。",
        "1. 王主任\n2. 李主任",
        "3) 先看这个",
        "- 王主任\n- 李主任",
        "# 不是标题",
        "#1 病区",
        "> 原话",
        "标题\n===",
        "标题\n---",
        "*重要*，__很__，a*b*c",
        "3~5 天，7~9 天；~~不要~~",
        "`代码`\n```\n不是代码\n```",
        "[点这里](https://example.com)",
        "![图](x)",
        "<b>粗</b> <think>想</think> <@all>",
        "P<0.05，A&B，&lt;，&#65;",
        "C:\\*.xlsx \\",
        "    四个空格\n\t一个制表符",
        "| 甲 | 乙 |\n|---|---|\n| 1 | 2 |",
        "第一行\n第二行\n\n另一段",
        "__init__.py 和 a_b_c.xlsx",
    ],
)
def test_signs_of_markup_show_as_signs(text: str) -> None:
    words, kinds = shown(as_markdown(text))
    assert squeezed(words) == squeezed(text)
    assert kinds <= PLAIN


@given(SIGNS)
@example("- \n=")
@example("a\n\n\n    b")
def test_no_text_becomes_markup(text: str) -> None:
    words, kinds = shown(as_markdown(text))
    assert squeezed(words) == squeezed(text)
    assert kinds <= PLAIN


def test_line_ends_stay_line_ends() -> None:
    assert as_markdown("一\n二\n\n三") == "一  \n二\n\n三"


def test_what_is_copied_from_the_chat_stays_exact() -> None:
    for exact in ("10.1016/j.jacc_2026.01", "a.b-c+d@x.com", "AB12-CD34", "P=0.05"):
        assert as_markdown(exact) == exact
    address = "https://example.com/~a_b/?x=1&lt=2*_"
    assert as_markdown(f"看这里 {address} ") == f"看这里 {address}"


@given(st.text(st.sampled_from("王#*_~<a \n.。"), max_size=200), st.integers(60, 200))
def test_parts_stay_within_the_limit_as_markdown(text: str, limit: int) -> None:
    parts = split_text(text, limit, markdown_length)
    assert all(len(as_markdown(part).encode()) <= limit for part in parts)
