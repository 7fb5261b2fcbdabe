"""Long computations on a chain and what came of them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "riskrun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("rests_on", sa.JSON(), nullable=False),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("actor", sa.String(length=60), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lead_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lead_id", "key", name="uq_riskrun"),
    )
    op.create_index("ix_riskrun_lead_id", "riskrun", ["lead_id"])
    op.create_index("ix_riskrun_state", "riskrun", ["state"])
    op.create_table(
        "riskfigure",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("esri", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["run_id"], ["riskrun.id"]),
        sa.PrimaryKeyConstraint("run_id", "firm_id"),
    )
    op.create_index("ix_riskfigure_firm_id", "riskfigure", ["firm_id"])
    op.create_index("ix_riskfigure_worst", "riskfigure", ["run_id", "esri"])


def downgrade() -> None:
    op.drop_table("riskfigure")
    op.drop_table("riskrun")
