"""The SFA visit note, first as it was said (Proposed…), then as it is known to be true (Grounded…).

A proposer (rules or model) only quotes: people, places, days and lengths stay the words that were
said, and every item carries the words of the dictation that support it. Grounding turns words into
customers, dates and numbers by code, and drops what the dictation does not support.
"""

from datetime import date, time
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Channel(StrEnum):
    """How the contact took place, in the words of the SFA template."""

    FACE = "面访"
    PHONE = "电话"
    ONLINE = "线上"
    WECHAT = "微信"


class Outcome(StrEnum):
    """Whether the goal of the visit was reached."""

    REACHED = "达成"
    PARTLY = "部分达成"
    MISSED = "未达成"
    NOT_SAID = "未提及"


class FlagCode(StrEnum):
    """What compliance has to see; the codes of `eval/README.md` plus those of the rule data."""

    ADVERSE_EVENT = "adverse_event"
    PRODUCT_COMPLAINT = "product_complaint"
    OFF_LABEL = "off_label"
    GIFT_OVER_LIMIT = "gift_over_limit"
    CASH_OR_EQUIVALENT = "cash_or_equivalent"
    ENTERTAINMENT = "entertainment"
    PRESCRIPTION_COUNT = "prescription_count"
    PATIENT_PII = "patient_pii"
    PAYMENT_FOR_PRESCRIBING = "payment_for_prescribing"
    COMPETITOR_DISPARAGE = "competitor_disparage"
    SPONSORSHIP = "sponsorship"
    SALES_TARGET = "sales_target"
    FABRICATED_VISIT = "fabricated_visit"
    HIDDEN_RECORDING = "hidden_recording"
    HOSPITAL_INTERNALS = "hospital_internals"
    EXAGGERATED_CLAIM = "exaggerated_claim"
    CLINICAL_INTERFERENCE = "clinical_interference"
    PUBLIC_PROMOTION = "public_promotion"


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Quote(_Value):
    """The customer's own words; `text` is a substring of the dictation."""

    speaker: str | None = Field(description="谁说的，照口述里的称呼；不清楚就为空")
    text: str = Field(description="原话，必须逐字出现在口述里")


class ProposedUpdate(_Value):
    """A lasting fact about a customer."""

    customer: str = Field(description="客户，照口述里的称呼")
    field: str = Field(
        description="职务职称/任职/门诊时间/课题兴趣/拜访偏好/沟通偏好/处方习惯/进修退休"
    )
    value: str = Field(description="事实本身，简短")
    evidence: str = Field(description="支持它的原文，逐字")


class ProposedStep(_Value):
    """Something our side promised to do after the visit."""

    action: str = Field(description="要做什么，简短")
    customer: str | None = Field(description="为哪位客户做，照口述里的称呼；不清楚就为空")
    due: str | None = Field(description="期限的原话，如「下周三前」；没说就为空。不要换算成日期")
    evidence: str = Field(description="支持它的原文，逐字")


class ProposedNeed(_Value):
    """A request of the customer. Level 1: out of stock, adverse-reaction question; 2: meeting
    place, research cooperation, department meeting; 3: policy, trend, report."""

    level: int = Field(ge=1, le=3)
    text: str
    customer: str | None
    evidence: str


class Flag(_Value):
    """Something compliance must see, with the exact words."""

    code: FlagCode
    evidence: str


class Met(_Value):
    """A person met or talked to, as the rep called them, with where it was said they work."""

    mention: str = Field(description="称呼，照口述，如「大李主任」")
    department: str | None = Field(description="口述里说到的科室，没说就为空")
    hospital: str | None = Field(description="口述里说到的医院，没说就为空")


class ProposedVisit(_Value):
    """One contact with one or more customers at one place, all in the words of the dictation."""

    day: str | None = Field(description="拜访日期的原话，如「昨天下午」；没说就为空")
    start: str | None = Field(description="开始时刻的原话，如「下午三点一刻」")
    duration: str | None = Field(description="时长的原话，如「二十分钟」，或「四点到四点四十」")
    channel: Channel | None
    hospital: str | None
    department: str | None
    customers: list[Met]
    absent: list[str] = Field(
        default_factory=list, description="去找了却没见到的客户，照口述里的称呼"
    )
    co_visitors: list[str] = Field(description="一起去的自己公司同事")
    goal: str | None = Field(description="明说的目的；没明说就为空")
    outcome: Outcome
    key_points: list[str] = Field(description="要点，一条一件事，每条不超过40字，尽量用原文的词")
    objections: list[str] = Field(description="客户的疑问和异议")
    competitors: list[str] = Field(description="提到竞品的原文")
    quotes: list[Quote]
    profile_updates: list[ProposedUpdate]
    next_steps: list[ProposedStep]
    needs: list[ProposedNeed]
    flags: list[Flag]


class ProposedNote(_Value):
    """What a proposer makes of one dictation; no visits means that it was not a dictation."""

    visits: list[ProposedVisit]


class KnownCustomer(_Value):
    """A customer of the rep's own portfolio."""

    id: int
    name: str
    hospital: str
    department: str | None


class Ambiguity(_Value):
    """A mention that fits several of the rep's customers; the rep is asked which."""

    mention: str
    candidates: list[KnownCustomer]


class NewPerson(_Value):
    """Somebody met who is not in the portfolio; the rep confirms before a customer is created."""

    name: str
    hospital: str | None
    department: str | None


class ProfileUpdate(_Value):
    """A lasting fact, proposed for the file of a known customer."""

    customer_id: int | None
    customer: str
    field: str
    value: str
    evidence: str


class NextStep(_Value):
    """A promise. `due` is computed by code from `due_phrase`; an unclear phrase has no date."""

    action: str
    customer_id: int | None
    customer: str | None
    due: date | None
    due_phrase: str | None
    evidence: str


class Need(_Value):
    """A request with a response clock; the level is 1, 2 or 3."""

    level: int
    text: str
    customer_id: int | None
    evidence: str


class GroundedVisit(_Value):
    """One visit as it goes on the card: known customers, real dates, verbatim quotes."""

    visit_date: date
    date_said: bool
    start_time: time | None
    duration_minutes: int | None
    channel: Channel | None
    hospital: str | None
    department: str | None
    customers: list[KnownCustomer]
    ambiguous: list[Ambiguity]
    new_people: list[NewPerson]
    absent: list[str] = Field(default_factory=list, description="sought in vain, by full name")
    co_visitors: list[str]
    goal: str | None
    outcome: Outcome
    key_points: list[str]
    objections: list[str]
    competitors: list[str]
    quotes: list[Quote]
    profile_updates: list[ProfileUpdate]
    next_steps: list[NextStep]
    needs: list[Need]
    flags: list[Flag]
    dropped: int = Field(description="how many proposed items the dictation did not support")
