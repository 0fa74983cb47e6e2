"""Which version of the privacy notice was told to whom, and when (SY-23)."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from storage.columns import moment


class PrivacyNotice(SQLModel, table=True):
    """A person was told this version of the notice; told again when the version is newer."""

    __tablename__ = "privacy_notice"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    told_at: datetime = moment()


def remember_notice(session: Session, person_id: int, version: int, at: datetime) -> bool:
    """Note that this version is being told; False when the person was told it before."""
    if session.get(PrivacyNotice, (person_id, version)) is not None:
        return False
    session.add(PrivacyNotice(person_id=person_id, version=version, told_at=at))
    return True
