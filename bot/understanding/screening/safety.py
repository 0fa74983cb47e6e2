"""The adverse-event screen: a patient, an exposure and something bad; and product complaints."""

import re
from collections.abc import Iterator

from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern
from bot.understanding.screening.exposure import HARM, unexplained
from bot.understanding.screening.products import Brands, brands, is_rivals
from bot.understanding.screening.spans import Span, clause_around, sentences

_TAKEN = "[吃服打](?:了|过|完|药)|服药|用药"
_PREGNANT_USE = (
    "{pregnant}[^。！？]{0,14}(?:[吃用服打][了着]|在[用吃]|一直[吃用])"
    "|[吃用服打][^。！？]{0,14}(?:才知道|才发现|查出来?|发现)[^，。]{0,4}{pregnant}"
)
_PACK = "{article}|{pack_part}"


def adverse_events(text: str, roster: Roster) -> Iterator[Span]:
    """The clauses that may tell of an adverse event or a special situation with our products.

    High recall: an unclear product counts as ours, a missing patient does not matter when
    something was taken and something bad followed."""
    known = brands(roster)
    yield from (clause for clause, rival in _events(text, known) if not rival)
    yield from unexplained(text, known)


def competitor_events(text: str, roster: Roster) -> Iterator[Span]:
    """The same for products of competitors: the doctor reports those to their holder."""
    yield from (clause for clause, rival in _events(text, brands(roster)) if rival)


def complaints(text: str, roster: Roster) -> Iterator[Span]:
    """The clauses that tell of a defect of a package or a dose of ours."""
    known = brands(roster)
    for sentence in sentences(text):
        if not pattern(_PACK).search(sentence.words):
            continue
        for hit in pattern("{defect}|{fault}").finditer(text, sentence.start, sentence.end):
            near = text[max(sentence.start, hit.start() - 22) : min(sentence.end, hit.end() + 8)]
            before = text[max(sentence.start, hit.start() - 4) : hit.start()]
            excused = pattern("{fault_free}").search(near) or _absent(before)
            rival = is_rivals(text, sentence.start, hit.start(), known)
            if pattern(_PACK).search(near) and not excused and not rival:
                yield clause_around(text, hit.start(), hit.end())


def is_serious(text: str) -> bool:
    """Death, danger to life, hospital stay, lasting damage: the clock is shorter."""
    return any(_real(text, 0, hit) for hit in pattern("{serious}").finditer(text))


def is_special(text: str) -> bool:
    """Exposure in pregnancy, overdose, wrong drug or dose: reported like an adverse event."""
    return bool(pattern("{misuse}").search(text) or _pregnant_use(text))


def _events(text: str, known: Brands) -> Iterator[tuple[Span, bool]]:
    before: Span | None = None
    for sentence in sentences(text):
        context = Span(text, before.start if before else sentence.start, sentence.end)
        for hit in pattern(f"{HARM}|{{trouble}}").finditer(text, sentence.start, sentence.end):
            if _is_case(context, sentence, hit, known):
                rival = is_rivals(text, max(0, hit.start() - 120), hit.start(), known)
                yield clause_around(text, hit.start(), hit.end()), rival
        if taken := _pregnant_use(sentence.words):
            start = sentence.start + taken.start()
            yield clause_around(text, start, sentence.start + taken.end()), False
        before = sentence


def _is_case(context: Span, sentence: Span, hit: re.Match[str], known: Brands) -> bool:
    text = context.text
    if not _real(text, sentence.start, hit) or _is_own(sentence, hit.start()):
        return False
    near = text[max(context.start, hit.start() - 60) : min(sentence.end, hit.end() + 30)]
    if (
        _cured_by_it(text[hit.end() : sentence.end])
        or _not_yet_taken(near, known)
        or _others_only(near, known)
    ):
        return False
    exposed = pattern("{took}").search(near)
    somebody = pattern("{somebody}").search(near)
    ours = known.ours.search(near) or pattern("{blamed}|{our_drug}").search(near)
    if not pattern(HARM).fullmatch(hit.group()):
        return bool(somebody and ours and (exposed or pattern("[吃用打换服加]").search(near)))
    if exposed:
        patient = somebody or pattern("{one_patient}").search(near)
        return bool(patient or pattern(_TAKEN).search(sentence.words))
    return bool(somebody and _is_on_it(near, known))


def _is_on_it(near: str, known: Brands) -> bool:
    # Without a word for having taken it: 「吃某药老想吐」「某药，第五天」, or it is blamed.
    taken = any(
        pattern("[吃用打服吸换加上][^，。]{0,2}$").search(near[: named.start()])
        or pattern(
            "[^，。]{0,3}[，,]?[^，。]{0,5}(?:第{num}|{num}[天周月针次]|联用|以后|后)"
        ).match(near[named.end() :])
        for named in known.ours.finditer(near)
    )
    return taken or bool(pattern("{blamed}|{our_drug}").search(near))


def _cured_by_it(after: str) -> bool:
    # 「血糖高得离谱，用了以后降到七」: it was bad before, and better with the medicine.
    taken = "(?:[用吃换打]了|用上|换成)[^。停]{0,20}"
    better = "(?:降到|好了|达标|平稳|控制住|正常了|不[疼痛咳喘晕]了)"
    return bool(re.search(taken + better, after))


def _not_yet_taken(near: str, known: Brands) -> bool:
    # 「三种药都压不住，问能不能加上它」: what happened is a reason to start ours, not its effect.
    plans = pattern("(?:能不能|可不可以|考虑|打算|想|准备|要不要|适不适合)[^，。]{0,6}$")
    named = list(known.ours.finditer(near))
    return bool(named) and all(plans.search(near, 0, hit.start()) for hit in named)


def _others_only(near: str, known: Brands) -> bool:
    named = known.ours.search(near) or pattern("{our_drug}").search(near)
    return not named and bool(pattern("{other_drug}").search(near))


def _is_own(sentence: Span, place: int) -> bool:
    before = sentence.text[sentence.start : place]
    return bool(
        re.search("我[^，。]{0,4}$|^[^，。说讲提问反]{0,3}(?:主任|医生|大夫|教授)$", before)
    )


def _real(text: str, start: int, hit: re.Match[str]) -> bool:
    clause = clause_around(text, hit.start(), hit.end())
    if pattern("{stopped}").search(hit.group()) and _stopped_for_other_reason(text, hit.start()):
        return False
    if _got_better(text[hit.end() : hit.end() + 8]) or pattern("{place_word}").match(
        text, hit.end()
    ):
        return False
    before = text[max(clause.start, hit.start() - 8, start) : hit.start()]
    if pattern("{no_effect}").match(hit.group()):
        return not re.search(pattern("{general_talk}"), clause.words)
    return not _absent(before) and not re.search(pattern("{general_talk}"), clause.words)


def _pregnant_use(text: str) -> re.Match[str] | None:
    hit = pattern(_PREGNANT_USE).search(text)
    return None if hit and re.search("能不能|可不可以|问|能否", text[: hit.end()]) else hit


def _got_better(after: str) -> bool:
    return bool(re.match("[^，。停]{0,3}(?:少了|轻了|好多了|好转|没了|缓解|改善|减轻|减少)", after))


def _absent(before: str) -> bool:
    return bool(pattern("{absent}[^，。]{0,5}$").search(before))


def _stopped_for_other_reason(text: str, place: int) -> bool:
    around = text[max(0, place - 20) : place + 20]
    return bool(pattern("{other_reason}").search(around))
