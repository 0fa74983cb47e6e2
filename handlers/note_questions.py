"""Answers to a card's one question: which 李主任 it was, whether a stranger becomes a customer."""

from typing import Any

from bot.domain.errors import StaleCardError, UserError
from bot.domain.note import GroundedVisit, KnownCustomer, NewPerson
from bot.domain.people import resolve
from bot.messages import Reply
from bot.registry import on_answer, on_press
from bot.turn import Turn
from bot.understanding.edits import is_a_name
from handlers.note_cards import draft_of, note_card
from handlers.visit_notes import DICTATING
from storage.newcomers import add_doctor, ensure_department, hospital_named, is_customer
from storage.notebook import revise, visit_of
from storage.notes import VisitNote
from storage.rosters import roster_of

UNKNOWN_PLACE = (
    "还不知道 {name} 在哪家医院哪个科。直接说一句，例如「科室改成心内科」，再点「加为新客户」。"
)
TAKEN = "{name} 已经由别的同事负责，请找主管协调。这条记录可以先点「不加」再确认。"


@on_press("note.who", roles=DICTATING)
def choose_customer(turn: Turn, note_id: int, version: int, customer_id: int) -> Reply:
    """Settle who a mention means; 0 says that it is none of the candidates."""
    return _choose(turn, draft_of(turn, note_id, version), customer_id)


@on_answer("note.who", accepts=is_a_name)
def choose_in_words(turn: Turn, text: str, about: dict[str, Any]) -> Reply:
    """「大李主任」 or 「都不是」 said instead of pressed."""
    note = draft_of(turn, int(about["note"]))
    visit = visit_of(note)
    if not visit.ambiguous:
        return note_card(turn, note)
    asked = visit.ambiguous[0]
    if "不是" in text:
        return _choose(turn, note, 0)
    roster = roster_of(turn.session, turn.person)
    meant = {customer.id for customer in resolve(text.removeprefix("是"), roster)}
    fitting = [candidate for candidate in asked.candidates if candidate.id in meant]
    if len(fitting) != 1:
        return note_card(turn, note, lead="没对上是哪一位，请选一下名字。")
    return _choose(turn, note, fitting[0].id)


@on_press("note.new", roles=DICTATING)
def add_person(turn: Turn, note_id: int, version: int, answer: str) -> Reply:
    """Make a stranger a customer of the rep, or leave the name in the note only."""
    note = draft_of(turn, note_id, version)
    visit = visit_of(note)
    stranger, rest = visit.new_people[0], visit.new_people[1:]
    if answer == "yes":
        known = _add_customer(turn, stranger, visit)
        changed = visit.model_copy(
            update={"new_people": rest, "customers": [*visit.customers, known]}
        )
        lead = f"已加为新客户：{known.name}。分层先按「潜力」，主管可以再调。"
    else:
        points = [*visit.key_points, f"同时见到 {stranger.name}（未加为客户）"]
        changed = visit.model_copy(update={"new_people": rest, "key_points": points})
        lead = ""
    revise(turn.session, note, changed, at=turn.now, because=f"{stranger.name}：{answer}")
    return note_card(turn, note, lead=lead)


def _choose(turn: Turn, note: VisitNote, customer_id: int) -> Reply:
    visit = visit_of(note)
    if not visit.ambiguous:
        raise StaleCardError("这一位已经选过了。")
    asked = visit.ambiguous[0]
    chosen = next((c for c in asked.candidates if c.id == customer_id), None)
    settled = _settled(visit, asked.mention, chosen)
    who = chosen.name if chosen else "名单里的都不是"
    revise(turn.session, note, settled, at=turn.now, because=f"{asked.mention}：{who}")
    turn.stop_asking()
    return note_card(turn, note)


def _settled(visit: GroundedVisit, mention: str, chosen: KnownCustomer | None) -> GroundedVisit:
    """The visit with the question gone; promises and facts of the mention go to who was chosen."""
    update: dict[str, object] = {"ambiguous": visit.ambiguous[1:]}
    if chosen is not None:
        if chosen.id not in {customer.id for customer in visit.customers}:
            update["customers"] = [*visit.customers, chosen]
        update["hospital"] = visit.hospital or chosen.hospital
        update["department"] = visit.department or chosen.department
        whom = {"customer_id": chosen.id, "customer": chosen.name}
        update["next_steps"] = [
            step.model_copy(update=whom) if step.customer_id is None else step
            for step in visit.next_steps
        ]
        update["profile_updates"] = [
            fact.model_copy(update=whom) if fact.customer in {mention, chosen.name} else fact
            for fact in visit.profile_updates
        ]
    return visit.model_copy(update=update)


def _add_customer(turn: Turn, stranger: NewPerson, visit: GroundedVisit) -> KnownCustomer:
    """Raises UserError when it is not known where they work, or they are a colleague's customer."""
    hospital = hospital_named(turn.session, stranger.hospital or visit.hospital)
    department_name = stranger.department or visit.department
    if hospital is None or department_name is None:
        raise UserError(UNKNOWN_PLACE.format(name=stranger.name))
    department = ensure_department(turn.session, hospital, department_name)
    if is_customer(turn.session, stranger.name, department):
        raise UserError(TAKEN.format(name=stranger.name))
    customer = add_doctor(turn.session, stranger.name, department, owner_id=turn.me, on=turn.today)
    turn.record("customer.add", f"customer:{customer.id}", tier=customer.tier.value)
    return KnownCustomer(
        id=customer.id or 0, name=customer.name, hospital=hospital.name, department=department.name
    )
