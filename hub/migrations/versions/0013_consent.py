"""What an owner agreed to: terms in parts, standing answers, time slots."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NEW = ("agreementevent", "operatorstold", "sitemeasures", "timeslot", "standinguse",
        "standingconsent")  # fmt: skip


def upgrade() -> None:
    with op.batch_alter_table("agreement") as batch_op:
        for column in (
            sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
            sa.Column("ended_by", sa.String(length=60), nullable=False, server_default=""),
            sa.Column("ended_side", sa.String(length=10), nullable=False, server_default=""),
            sa.Column("ended_reason", sa.String(length=300), nullable=False, server_default=""),
            sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        ):
            batch_op.add_column(column)
    _standing()
    _of_sites()
    op.create_table(
        "agreementevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agreement_id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"]),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name in ("agreement_id", "firm_id"):
        op.create_index(f"ix_agreementevent_{name}", "agreementevent", [name])


def _standing() -> None:
    op.create_table(
        "standingconsent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("publisher_firm_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=True),
        sa.Column("scope", sa.String(length=60), nullable=False),
        sa.Column("upto", sa.String(length=10), nullable=False),
        sa.Column("terms", sa.String(length=40), nullable=False),
        sa.Column("given_by", sa.String(length=60), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=60), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["publisher_firm_id"], ["firm.id"]),
        sa.ForeignKeyConstraint(["model_id"], ["sharedmodel.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id", "scope", name="uq_standingconsent"),
    )
    for name in ("firm_id", "publisher_firm_id"):
        op.create_index(f"ix_standingconsent_{name}", "standingconsent", [name])
    op.create_table(
        "standinguse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["standingconsent.id"]),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("delivery_id"),
    )
    op.create_index("ix_standinguse_consent_id", "standinguse", ["consent_id"])


def _of_sites() -> None:
    op.create_table(
        "timeslot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.JSON(), nullable=True),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site_id"),
    )
    op.create_table(
        "sitemeasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("has", sa.JSON(), nullable=False),
        sa.Column("lacks", sa.JSON(), nullable=False),
        sa.Column("told_by", sa.String(length=60), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site_id"),
    )
    op.create_table(
        "operatorstold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("firm_id", sa.Integer(), nullable=False),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("competences", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("firm_id"),
    )


def downgrade() -> None:
    for table in _NEW:
        op.drop_table(table)
    with op.batch_alter_table("agreement") as batch_op:
        for name in ("removed_at", "ended_reason", "ended_side", "ended_by", "refused_at"):
            batch_op.drop_column(name)
