"""What the assistant says on its own: what was due, what people asked for, until when it is of
use."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
INDEXES = (
    ("ix_next_step_due", "next_step", ["status", "due_on"]),
    ("ix_next_step_remind", "next_step", ["status", "remind_on"]),
    ("ix_need_status", "need", ["status", "raised_at"]),
    ("ix_visit_note_status", "visit_note", ["status", "said_at"]),
    ("ix_compliance_flag_status", "compliance_flag", ["status", "code"]),
)
"""What is looked for again and again, for everybody."""


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("delivery", sa.Column("until", MOMENT))
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    _push()
    op.create_table(
        "push_setting",
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("briefing_at", sa.Time),
        sa.Column("paused_until", MOMENT),
        sa.Column("away_until", sa.Date),
        sa.Column("deputy_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("changed_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("push_setting")
    op.drop_table("push")
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    op.drop_column("delivery", "until")


def _push() -> None:
    op.create_table(
        "push",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(160), nullable=False, unique=True),
        sa.Column("topic", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("reason", sa.String(32)),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("delivery_key", sa.String(200)),
    )
    op.create_index("ix_push_topic", "push", ["topic"])
    op.create_index("ix_push_delivery_key", "push", ["delivery_key"])
    op.create_index("ix_push_person_made", "push", ["person_id", "made_at"])
