"""One thing that doctor looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at and what was seen; when it is wrong, `words` say what to do."""

    ok: bool
    about: str
    words: str
