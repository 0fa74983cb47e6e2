"""The first schema: one function per table, parents first."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    _audit_head()
    _hospital()
    _model_use()
    _product()
    _team()
    _department()
    _person()
    _account()
    _audit_entry()
    _conversation()
    _customer()
    _invite()
    _message()
    _privacy_notice()
    _customer_tag()
    _ownership()
    _planned_visit()
    _rating()
    _visit_note()
    _compliance_flag()
    _need()
    _next_step()
    _note_customer()
    _note_quote()
    _note_version()
    _profile_fact()


def downgrade() -> None:
    """Go back to an empty database."""
    for table in (
        "profile_fact",
        "note_version",
        "note_quote",
        "note_customer",
        "next_step",
        "need",
        "compliance_flag",
        "visit_note",
        "rating",
        "planned_visit",
        "ownership",
        "customer_tag",
        "privacy_notice",
        "message",
        "invite",
        "customer",
        "conversation",
        "audit_entry",
        "account",
        "person",
        "department",
        "team",
        "product",
        "model_use",
        "hospital",
        "audit_head",
    ):
        op.drop_table(table)


def _audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _hospital() -> None:
    op.create_table(
        "hospital",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("level", sa.String(32)),
        sa.Column("city", sa.String(64)),
        sa.Column("address", sa.String(300)),
        sa.Column("longitude", sa.Float),
        sa.Column("latitude", sa.Float),
    )


def _model_use() -> None:
    op.create_table(
        "model_use",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purpose", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("prompt_version", sa.String(64), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
    )


def _product() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("indication", sa.String(500), nullable=False),
        sa.Column("competitors", sa.JSON, nullable=False),
    )


def _team() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False, unique=True),
    )


def _department() -> None:
    op.create_table(
        "department",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hospital_id", sa.Integer, sa.ForeignKey("hospital.id"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.UniqueConstraint("hospital_id", "name"),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("role", sa.String(24), nullable=False),
        sa.Column("team_id", sa.Integer, sa.ForeignKey("team.id"), index=True),
        sa.Column("manager_id", sa.Integer, sa.ForeignKey("person.id"), index=True),
        sa.Column("active", sa.Boolean, nullable=False),
    )


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(128), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("channel", "account"),
    )


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
    )


def _conversation() -> None:
    op.create_table(
        "conversation",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    )


def _customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, index=True),
        sa.Column("gender", sa.String(4)),
        sa.Column(
            "hospital_id", sa.Integer, sa.ForeignKey("hospital.id"), nullable=False, index=True
        ),
        sa.Column(
            "department_id", sa.Integer, sa.ForeignKey("department.id"), nullable=False, index=True
        ),
        sa.Column("post", sa.String(64)),
        sa.Column("title", sa.String(64)),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("tier", sa.String(24), nullable=False),
        sa.Column("potential", sa.Integer, nullable=False),
        sa.Column("attitude", sa.Integer, nullable=False),
        sa.Column("relationship", sa.Integer, nullable=False),
        sa.Column("interests", sa.JSON, nullable=False),
        sa.Column("style", sa.String(300)),
        sa.Column("clinic_hours", sa.String(200)),
        sa.Column("remark", sa.String(500)),
        sa.Column("aliases", sa.JSON, nullable=False),
        sa.Column("skip_until", sa.Date),
        sa.Column("skip_reason", sa.String(200)),
        sa.UniqueConstraint("name", "hospital_id", "department_id"),
    )


def _invite() -> None:
    op.create_table(
        "invite",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
    )


def _message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("platform_id", sa.String(128), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), index=True),
        sa.Column("body", sa.String, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flags", sa.JSON, nullable=False),
        sa.Column("alerts", sa.JSON, nullable=False),
        sa.Column("replies", sa.JSON, nullable=False),
        sa.UniqueConstraint("channel", "platform_id"),
    )


def _privacy_notice() -> None:
    op.create_table(
        "privacy_notice",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
    )


def _customer_tag() -> None:
    op.create_table(
        "customer_tag",
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), primary_key=True),
        sa.Column("tag", sa.String(64), primary_key=True, index=True),
    )


def _ownership() -> None:
    op.create_table(
        "ownership",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "customer_id", sa.Integer, sa.ForeignKey("customer.id"), nullable=False, index=True
        ),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("from_day", sa.Date, nullable=False),
        sa.Column("until_day", sa.Date),
    )


def _planned_visit() -> None:
    op.create_table(
        "planned_visit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column(
            "customer_id", sa.Integer, sa.ForeignKey("customer.id"), nullable=False, index=True
        ),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("person_id", "customer_id", "day"),
    )


def _rating() -> None:
    op.create_table(
        "rating",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), nullable=False),
        sa.Column("tier", sa.String(24), nullable=False),
        sa.Column("potential", sa.Integer, nullable=False),
        sa.Column("attitude", sa.Integer, nullable=False),
        sa.Column("relationship", sa.Integer, nullable=False),
        sa.Column("effective_on", sa.Date, nullable=False),
        sa.Column("set_by_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("reason", sa.String(200), nullable=False),
    )
    op.create_index("ix_rating_customer_day", "rating", ["customer_id", "effective_on"])


def _visit_note() -> None:
    op.create_table(
        "visit_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("visit_date", sa.Date, nullable=False),
        sa.Column("start_time", sa.Time),
        sa.Column("duration_minutes", sa.Integer),
        sa.Column("channel", sa.String(24)),
        sa.Column("hospital_id", sa.Integer, sa.ForeignKey("hospital.id")),
        sa.Column("department_id", sa.Integer, sa.ForeignKey("department.id")),
        sa.Column("timeliness", sa.String(24), nullable=False),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("amends_id", sa.Integer, sa.ForeignKey("visit_note.id")),
        sa.Column("dictation", sa.String, nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("input_tokens", sa.Integer, nullable=False),
        sa.Column("output_tokens", sa.Integer, nullable=False),
        sa.Column("model_milliseconds", sa.Integer, nullable=False),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("message.id"), index=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_visit_note_author_day", "visit_note", ["author_id", "visit_date"])


def _compliance_flag() -> None:
    op.create_table(
        "compliance_flag",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("rule_id", sa.String(16), nullable=False),
        sa.Column("evidence", sa.String(1000), nullable=False),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), index=True),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("message.id"), index=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day_zero", sa.Date),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("more", sa.JSON, nullable=False),
        sa.Column("acknowledged_by_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    )


def _need() -> None:
    op.create_table(
        "need",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), index=True),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), index=True),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("respond_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("solve_by", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String(24), nullable=False),
    )


def _next_step() -> None:
    op.create_table(
        "next_step",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("owner_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), index=True),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), index=True),
        sa.Column("action", sa.String(300), nullable=False),
        sa.Column("evidence", sa.String(1000), nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("due_phrase", sa.String(64)),
        sa.Column("remind_on", sa.Date),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_next_step_owner", "next_step", ["owner_id", "status", "due_on"])


def _note_customer() -> None:
    op.create_table(
        "note_customer",
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), primary_key=True),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), primary_key=True),
        sa.Column("visit_date", sa.Date, nullable=False),
    )
    op.create_index("ix_note_customer_last", "note_customer", ["customer_id", "visit_date"])


def _note_quote() -> None:
    op.create_table(
        "note_quote",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "note_id", sa.Integer, sa.ForeignKey("visit_note.id"), nullable=False, index=True
        ),
        sa.Column("customer_id", sa.Integer, sa.ForeignKey("customer.id"), index=True),
        sa.Column("speaker", sa.String(64)),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("said_on", sa.Date, nullable=False),
    )


def _note_version() -> None:
    op.create_table(
        "note_version",
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("made_by_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("because", sa.String(500), nullable=False),
    )


def _profile_fact() -> None:
    op.create_table(
        "profile_fact",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "customer_id", sa.Integer, sa.ForeignKey("customer.id"), nullable=False, index=True
        ),
        sa.Column("module", sa.String(24), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("value", sa.String(500), nullable=False),
        sa.Column("evidence", sa.String(1000), nullable=False),
        sa.Column("note_id", sa.Integer, sa.ForeignKey("visit_note.id"), index=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("decided_by_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
    )
