"""Every flag that a text raises, with the exact words, and the advice on each."""

import re
from collections.abc import Iterator

from bot.domain.note import Flag, FlagCode
from bot.domain.roster import Roster
from bot.understanding.screening.data import Rule, pattern, rules
from bot.understanding.screening.frames import rule_hits
from bot.understanding.screening.label import off_label_uses, was_asked
from bot.understanding.screening.masking import mask
from bot.understanding.screening.model import Advice
from bot.understanding.screening.money import yuan
from bot.understanding.screening.products import brands
from bot.understanding.screening.safety import (
    adverse_events,
    competitor_events,
    complaints,
    is_serious,
    is_special,
)
from bot.understanding.screening.scenes import scene_hits
from bot.understanding.screening.spans import Span, clause_around, said_by_them, sentences


def screen(text: str, roster: Roster) -> list[Flag]:
    """Every flag that the words raise, each with the exact words; speaker- and negation-aware.

    One flag per code and clause; text that is not masked yet is masked first."""
    masked = mask(text, roster)
    found = [
        *masked.flags,
        *(Flag(code=c, evidence=s.words) for c, s in _found(masked.text, roster)),
    ]
    return list({(flag.code, flag.evidence): flag for flag in found}.values())


def advise(code: FlagCode, evidence: str = "") -> Advice:
    """What to tell the rep, from the dated rule data; the evidence chooses between the rules of one
    code (serious, special, asked by the customer)."""
    wanted = _variant(code, evidence)
    fitting = [rule for rule in rules() if rule.code == code and rule.variant in {wanted, ""}]
    chosen = next((rule for rule in fitting if rule.variant == wanted), fitting[0])
    return advice_of(chosen, code)


def competitor_event(text: str, roster: Roster) -> Advice | None:
    """What to tell the rep about harm after a competitor's product; it raises no flag."""
    if not any(True for _ in competitor_events(text, roster)):
        return None
    rule = next(rule for rule in rules() if rule.variant == "competitor")
    return advice_of(rule, FlagCode.ADVERSE_EVENT)


def advice_of(rule: Rule, code: FlagCode) -> Advice:
    """The advice of one rule."""
    return Advice(code, rule.id, rule.title, rule.reply, rule.source, rule.notify, rule.version)


def _variant(code: FlagCode, evidence: str) -> str:
    if code is FlagCode.ADVERSE_EVENT and is_serious(evidence):
        return "serious"
    if code is FlagCode.ADVERSE_EVENT and is_special(evidence):
        return "special"
    return "asked" if code is FlagCode.OFF_LABEL and was_asked(evidence, evidence) else ""


def _found(text: str, roster: Roster) -> Iterator[tuple[FlagCode, Span]]:
    for rule in rules():
        for span in rule_hits(rule, text):
            if rule.code and not _small_gift(rule.code, span, roster.gift_limit_yuan):
                yield rule.code, span
    for code, span in scene_hits(text):
        if not _small_gift(code, span, roster.gift_limit_yuan):
            yield code, span
    for span in adverse_events(text, roster):
        yield FlagCode.ADVERSE_EVENT, span
    for span in complaints(text, roster):
        yield FlagCode.PRODUCT_COMPLAINT, span
    for span in off_label_uses(text, roster):
        yield FlagCode.OFF_LABEL, span
    for span in disparagements(text, roster):
        yield FlagCode.COMPETITOR_DISPARAGE, span


def disparagements(text: str, roster: Roster) -> Iterator[Span]:
    """The clauses in which our side runs a competitor down; a doctor's own opinion is none."""
    rivals = brands(roster).rivals
    for sentence in sentences(text):
        for hit in pattern(_bad_words(sentence)).finditer(text, sentence.start, sentence.end):
            near = text[max(sentence.start, hit.start() - 26) : hit.end()]
            if rivals.search(near) and not said_by_them(text, hit.start()):
                yield clause_around(text, hit.start(), hit.end())


def _bad_words(sentence: Span) -> str:
    """Only what our side says can be scorn; a fair comparison is none even then."""
    if not pattern("{we_say}").search(sentence.words):
        return "{bad_word}"
    fair = pattern("{fair}").search(sentence.words)
    return "{bad_word}|{slander}" if fair else "{bad_word}|{slander}|{scorn}"


def _small_gift(code: FlagCode, span: Span, limit: int) -> bool:
    if code is not FlagCode.GIFT_OVER_LIMIT:
        return False
    amount = yuan(span.words)
    return (amount is not None and amount <= limit) or (
        amount is None and bool(re.search(pattern("{worthless}"), span.words))
    )
