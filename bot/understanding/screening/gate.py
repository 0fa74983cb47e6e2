"""What may never become a step, a goal or an answer, whoever asks for it."""

from bot.domain.note import FlagCode
from bot.domain.roster import Roster
from bot.understanding.screening.data import pattern, rules
from bot.understanding.screening.flags import advice_of, screen
from bot.understanding.screening.frames import rule_hits
from bot.understanding.screening.model import Advice

# A safety report or a complaint is exactly what a next step should be about.
_WELCOME = {
    FlagCode.ADVERSE_EVENT,
    FlagCode.PRODUCT_COMPLAINT,
    FlagCode.OFF_LABEL,
    FlagCode.PATIENT_PII,
}
_REFUSED = {"CN-R01": FlagCode.PRESCRIPTION_COUNT, "CN-R13": FlagCode.FABRICATED_VISIT}
_RANKING = (
    "(?:哪[个位]|谁|按|排)[^，。]{0,8}(?:处方|用量|开药|开方)|统方|开得最?多"
    "|(?:看看|查一?下|告诉我|我想知道)[^，。]{0,12}(?:处方[量数]|用药量|开药量|开了多少)"
    "|(?:处方[量数]|用药量|开药量)[^，。]{0,3}多少|开了(?:多少|几)[盒支瓶]"
)


def forbidden_as_step(action: str, roster: Roster) -> FlagCode | None:
    """Why an action may be neither a next step nor a goal (SY-08, SY-09); None when it may."""
    codes = [flag.code for flag in screen(action, roster) if flag.code not in _WELCOME]
    return codes[0] if codes else None


def refuse_question(text: str) -> Advice | None:
    """The kind refusal of asking for prescription counts or an invented visit, else None."""
    for rule in rules():
        code = _REFUSED.get(rule.id)
        if code and any(True for _ in rule_hits(rule, text)):
            return advice_of(rule, code)
    if pattern(_RANKING).search(text):
        ranking = next(rule for rule in rules() if rule.id == "MG-R01")
        return advice_of(ranking, FlagCode.PRESCRIPTION_COUNT)
    return None
