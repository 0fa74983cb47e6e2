"""Plain text as markdown that shows it as it is; the AI bot sends nothing else.

Not every markdown of WeCom knows a backslash, so a sign that would be taken for markup is written
as one that looks alike. Addresses are left alone.
"""

import re

from bot.channels.wecom.cards import byte_length

_ADDRESS = re.compile(r"(https?://[!-~]+)")
_START = re.compile(r"#+|>+|[-+](?=\s|$)|\d{1,9}[.)](?=\s|$)")
"""What makes a heading, a quote, a bullet or a number of the line that begins with it."""

_RULE = re.compile(r"[-=|:\s]+")
"""A line that makes a heading of the one above, a rule, or a table."""

_LINK = re.compile(r"](?=[(\[:])")
_TAG = re.compile(r"<(?=[A-Za-z/!?@])")
_ENTITY = re.compile(r"&(?=#?[0-9A-Za-z]+;)")
_BACKSLASH = re.compile(r"\\(?=[!-/:-@\[-`{-~\\]|$)")
_EDGE_UNDERLINE = re.compile(r"(?<![^\W_])_+|_+(?![^\W_])")
"""Inside of a word it is no markup."""

_LIKE = str.maketrans({"*": "＊", "`": "｀", "~": "～"})
_START_LIKE = str.maketrans(
    {"#": "＃", ">": "＞", "-": "–", "+": "＋", ".": "．", ")": "）", "=": "＝"}
)


def as_markdown(text: str) -> str:
    """Markdown that shows this text, with its line ends."""
    lines = [_shown(line) for line in text.splitlines()]
    following = [*lines[1:], ""]
    return "\n".join(map(_ended, lines, following))


def markdown_length(text: str) -> int:
    """How many bytes the text is as markdown."""
    return byte_length(as_markdown(text))


def _ended(line: str, following: str) -> str:
    """A line within a paragraph is told to end where it ends."""
    return f"{line}  " if line and following else line


def _shown(line: str) -> str:
    words = line.strip()
    indent = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
    return "\u00a0" * indent + _without_start(_inline(words)) if words else ""


def _without_start(words: str) -> str:
    if _RULE.fullmatch(words):
        return words.translate(_START_LIKE)
    found = _START.match(words)
    if found is None:
        return words
    return found.group().translate(_START_LIKE) + words[found.end() :]


def _inline(words: str) -> str:
    pieces = _ADDRESS.split(words)
    return "".join(p if place % 2 else _plain(p) for place, p in enumerate(pieces))


def _plain(words: str) -> str:
    words = _BACKSLASH.sub("＼", words)
    words = _TAG.sub("＜", words)
    words = _ENTITY.sub("＆", words)
    words = _LINK.sub("］", words)
    words = _EDGE_UNDERLINE.sub(lambda found: "＿" * len(found.group()), words)
    return words.translate(_LIKE)
