"""What a rep adds to a flag, who took it up, and drafts that amend a confirmed note."""

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this schema."""
    with op.batch_alter_table("compliance_flag") as table:
        table.add_column(sa.Column("more", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(
            sa.Column(
                "acknowledged_by_id",
                sa.Integer(),
                sa.ForeignKey("person.id", name="fk_compliance_flag_acknowledged_by"),
                nullable=True,
            )
        )


def downgrade() -> None:
    """Go back to the schema before."""
    with op.batch_alter_table("compliance_flag") as table:
        table.drop_column("acknowledged_by_id")
        table.drop_column("more")
