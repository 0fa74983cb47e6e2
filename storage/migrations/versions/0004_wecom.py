"""WeCom: what a platform remembers for all processes, and which message an answer belongs to."""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    op.add_column("delivery", sa.Column("answers", sa.String(128)))
    op.create_table(
        "shelf",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_shelf_until", "shelf", ["until"])


def downgrade() -> None:
    """Go back to the schema before."""
    op.drop_index("ix_shelf_until", "shelf")
    op.drop_table("shelf")
    op.drop_column("delivery", "answers")
