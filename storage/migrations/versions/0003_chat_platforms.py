"""Chat platforms: what a message came with and whether it was answered, what is sent to whom,
which accounts can be reached, and who is not known. The words of a voice message come after it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def _added() -> dict[str, tuple[sa.Column[Any], ...]]:
    return {
        "message": (
            sa.Column("account", sa.String(128), nullable=False, server_default=""),
            sa.Column("chat", sa.String(128), nullable=False, server_default=""),
            sa.Column("press", sa.String(64)),
            sa.Column("pressed_on", sa.String(64)),
            sa.Column("edits", sa.String(128)),
            sa.Column("media", sa.JSON, nullable=False, server_default="{}"),
            sa.Column("answered_at", MOMENT),
        ),
        "account": (
            sa.Column("chat", sa.String(128), nullable=False, server_default=""),
            sa.Column("seen_at", MOMENT),
            sa.Column("lost_at", MOMENT),
        ),
    }


def upgrade() -> None:
    """Go to this schema."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("ix_message_waiting", "message", ["answered_at", "sent_at"])
    _keep_message("OLD.body <> '' AND ")
    _delivery()
    _stranger()


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_table("stranger")
    op.drop_table("delivery")
    _keep_message("")
    op.drop_index("ix_message_waiting", "message")
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)


def _keep_message(unless_empty: str) -> None:
    """Anew the rule that a message's words never change, but for those of a voice message."""
    if op.get_bind().dialect.name == "sqlite":
        changed = f"NEW.id IS NOT OLD.id OR ({unless_empty}NEW.body IS NOT OLD.body)"
        op.execute("DROP TRIGGER message_no_update")
        op.execute(
            f"CREATE TRIGGER message_no_update BEFORE UPDATE ON message WHEN {changed} "
            "BEGIN SELECT RAISE(ABORT, 'message is kept'); END"
        )
        return
    changed = f"NEW.id <> OLD.id OR ({unless_empty}NEW.body IS DISTINCT FROM OLD.body)"
    op.execute(
        "CREATE OR REPLACE FUNCTION keep_message() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP <> 'UPDATE' OR {changed} THEN RAISE EXCEPTION '% is kept', TG_TABLE_NAME; "
        "END IF; RETURN NEW; END $$"
    )


def _delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("person_id", sa.Integer, sa.ForeignKey("person.id")),
        sa.Column("message_id", sa.Integer, sa.ForeignKey("message.id")),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("chat", sa.String(128), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("card", sa.String(64)),
        sa.Column("over", sa.String(64)),
        sa.Column("retires", sa.String(64)),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("claimed_by", sa.String(240)),
        sa.Column("claimed_at", MOMENT),
        sa.Column("sent_id", sa.String(64)),
        sa.Column("problem", sa.String(32)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("told_at", MOMENT),
    )
    op.create_index("ix_delivery_message_id", "delivery", ["message_id"])
    op.create_index("ix_delivery_chat", "delivery", ["channel", "chat", "status"])
    op.create_index("ix_delivery_due", "delivery", ["status", "due_at"])
    op.create_index("ix_delivery_person", "delivery", ["person_id", "status"])


def _stranger() -> None:
    op.create_table(
        "stranger",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("account", sa.String(128), primary_key=True),
        sa.Column("told_at", MOMENT),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("tries_since", MOMENT),
    )
