"""Edits of who was met: 「不是王伟是王玮」「加上李卫民」「没有见到王伟」."""

import re

from bot.domain.note import Ambiguity, GroundedVisit, KnownCustomer, NewPerson
from bot.domain.people import find_people, resolve
from bot.domain.roster import RosterCustomer
from bot.understanding.edits.model import Context, Edit, EditNotUnderstoodError
from bot.understanding.edits.wording import CHANGE, DROP

_REPLACE = re.compile(
    r"(?:不是|把|将)(?P<old>.{1,12}?)[，, ]?"
    r"(?:而是|应该是|是|改成|改为|换成)(?P<new>.{1,14})$"
)
_SET = re.compile(rf"(?:客户|见的|人)(?:{CHANGE}|是|：|:)(?P<new>.{{1,14}})$")
_BECOMES = re.compile(r"^(?P<old>[\u4e00-\u9fff]{2,6})(?:改成|换成|改为)(?P<new>.{2,14})$")
_IS = re.compile(r"^(?P<old>[^是]{2,8})(?:应该)?是(?P<new>.{2,14})$")
_ADD = re.compile(r"(?:加上|还有|加个客户|加客户|也见了|还见了)(?P<new>.{2,14})$")
_REMOVE = re.compile(
    rf"(?:{DROP}|没有?见到?|没在的是)(?P<old>.{{2,10}})$|^(?P<gone>.{{2,8}})(?:不在|没在|没见到)"
)


def replace(text: str, context: Context) -> Edit | None:
    """One person was meant to be another."""
    patterns = (_REPLACE, _SET, _BECOMES, _IS)
    match = next(filter(None, (pattern.search(text) for pattern in patterns)), None)
    if match is None:
        return None
    person = _person(match["new"], context)
    if person is None:
        return None
    old = match.groupdict().get("old") or ""
    visit = _without(context.visit, old, only_one="old" not in match.groupdict())
    if isinstance(person, Ambiguity):
        return Edit(visit.model_copy(update={"ambiguous": [person]}), f"客户改为 {person.mention}")
    return Edit(_with(visit, person, context.visit), f"客户：{old or '原来的'} → {person.name}")


def add(text: str, context: Context) -> Edit | None:
    """Somebody else was met as well."""
    match = _ADD.search(text)
    person = _person(match["new"], context) if match else None
    if person is None:
        return None
    if isinstance(person, Ambiguity):
        return context.edited(
            f"加上 {person.mention}", ambiguous=[*context.visit.ambiguous, person]
        )
    return Edit(_with(context.visit, person, context.visit), f"加上客户：{person.name}")


def remove(text: str, context: Context) -> Edit | None:
    """Somebody on the card was not met."""
    match = _REMOVE.search(text)
    if match is None:
        return None
    said = match["old"] or match["gone"]
    visit = _without(context.visit, said, only_one=False)
    return None if visit == context.visit else Edit(visit, f"去掉客户：{said}")


def _person(said: str, context: Context) -> KnownCustomer | NewPerson | Ambiguity | None:
    found = [p for p in find_people(said, context.roster) if not p.colleague]
    mention = found[0].mention if found else said.strip()
    fitting = resolve(mention, context.roster)
    if len(fitting) == 1:
        return _known(fitting[0])
    if len(fitting) > 1:
        return Ambiguity(mention=mention, candidates=[_known(one) for one in fitting])
    if found and found[0].named:
        visit = context.visit
        return NewPerson(name=mention, hospital=visit.hospital, department=visit.department)
    return None


def _known(customer: RosterCustomer) -> KnownCustomer:
    return KnownCustomer(
        id=customer.id,
        name=customer.name,
        hospital=customer.hospital,
        department=customer.department,
    )


def _without(visit: GroundedVisit, said: str, *, only_one: bool) -> GroundedVisit:
    """The visit without whom `said` names; without anybody when the one customer is replaced."""
    if only_one:
        if len(visit.customers) + len(visit.ambiguous) + len(visit.new_people) > 1:
            raise EditNotUnderstoodError("这次见了几位，请说清换哪一位，例如「不是王伟是王玮」。")
        return visit.model_copy(update={"customers": [], "ambiguous": [], "new_people": []})
    return visit.model_copy(
        update={
            "customers": [c for c in visit.customers if not _means(said, c.name)],
            "ambiguous": [a for a in visit.ambiguous if not _means(said, a.mention)],
            "new_people": [n for n in visit.new_people if not _means(said, n.name)],
        }
    )


def _means(said: str, name: str) -> bool:
    return name in said or said.strip() in name


def _with(
    visit: GroundedVisit, person: KnownCustomer | NewPerson, before: GroundedVisit
) -> GroundedVisit:
    """The visit with a person added; promises of those who left go to a known newcomer."""
    if isinstance(person, NewPerson):
        return visit.model_copy(update={"new_people": [*visit.new_people, person]})
    others = [c for c in visit.customers if c.id != person.id]
    left = {c.id for c in before.customers} - {c.id for c in visit.customers} | {None}
    whom = {"customer_id": person.id, "customer": person.name}
    return visit.model_copy(
        update={
            "customers": [*others, person],
            "hospital": person.hospital if not others else visit.hospital,
            "department": person.department if not others else visit.department,
            "next_steps": [
                s.model_copy(update=whom) if s.customer_id in left else s for s in visit.next_steps
            ],
            "profile_updates": [
                u.model_copy(update=whom) if u.customer_id in left else u
                for u in visit.profile_updates
            ],
        }
    )
