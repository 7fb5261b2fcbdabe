"""What times to survive rest on, who said so, and the figures that come of it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ALONE = sa.text("told_buyer_id IS NULL AND ended IS NULL")
_OF_LINK = sa.text("told_buyer_id IS NOT NULL AND ended IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("riskrun") as batch_op:
        batch_op.add_column(
            sa.Column("kind", sa.String(length=4), nullable=False, server_default="esri")
        )
        batch_op.add_column(sa.Column("assumed", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "riskfact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("told_firm_id", sa.Integer(), nullable=False),
        sa.Column("buyer_id", sa.Integer(), nullable=True),
        sa.Column("told_buyer_id", sa.Integer(), nullable=True),
        sa.Column("item", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["buyer_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["by_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["told_buyer_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["told_firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("buyer_id", "by_id", "firm_id", "told_buyer_id", "told_firm_id"):
        op.create_index(f"ix_riskfact_{column}", "riskfact", [column])
    op.create_index(
        "uq_riskfact_firm", "riskfact", ["told_firm_id", "item", "kind", "by_id"],
        unique=True, sqlite_where=_ALONE, postgresql_where=_ALONE,
    )  # fmt: skip
    op.create_index(
        "uq_riskfact_link", "riskfact", ["told_firm_id", "told_buyer_id", "item", "kind", "by_id"],
        unique=True, sqlite_where=_OF_LINK, postgresql_where=_OF_LINK,
    )  # fmt: skip
    op.create_table(
        "survivalfigure",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("survives", sa.Float(), nullable=True),
        sa.Column("recovers", sa.Float(), nullable=False),
        sa.Column("lost", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["run_id"], ["riskrun.id"]),
        sa.PrimaryKeyConstraint("run_id", "firm_id"),
    )
    op.create_index("ix_survivalfigure_firm_id", "survivalfigure", ["firm_id"])
    op.create_index("ix_survivalfigure_worst", "survivalfigure", ["run_id", "lost"])


def downgrade() -> None:
    op.drop_table("survivalfigure")
    op.drop_table("riskfact")
    op.execute("DELETE FROM riskfigure WHERE run_id IN (SELECT id FROM riskrun WHERE kind = 'tts')")
    op.execute("DELETE FROM riskrun WHERE kind = 'tts'")
    with op.batch_alter_table("riskrun") as batch_op:
        batch_op.drop_column("assumed")
        batch_op.drop_column("kind")
