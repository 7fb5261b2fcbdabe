"""What was live where and when; what the gate measured; in which country a model was made."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sharedmodel", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("origin", sa.String(length=2), nullable=False, server_default="")
        )
    op.create_table(
        "measured",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"]),
        sa.PrimaryKeyConstraint("version_id"),
    )
    op.create_table(
        "stay",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"]),
        sa.ForeignKeyConstraint(["model_id"], ["sharedmodel.id"]),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"]),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site_id", "model_id", "position", name="uq_stay"),
    )
    op.create_index("ix_stay_site_id", "stay", ["site_id"])
    op.create_index("ix_stay_version_id", "stay", ["version_id"])
    op.create_index("ix_stay_model_since", "stay", ["model_id", "since"])
    # What runs today has run since the site said so; what ran before it is in no row.
    op.execute(
        "INSERT INTO stay (site_id, model_id, version_id, delivery_id, position, since) "
        "SELECT site_id, model_id, version_id, delivery_id, 1, since FROM deployment"
    )
    _fill_origins()


def downgrade() -> None:
    op.drop_table("stay")
    op.drop_table("measured")
    with op.batch_alter_table("sharedmodel", schema=None) as batch_op:
        batch_op.drop_column("origin")


def _fill_origins() -> None:
    """The country of a model, from the card of its newest version where that says one."""
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT model_id, card FROM version ORDER BY id")).all()
    for model_id, card in rows:
        told = json.loads(card) if isinstance(card, str) else card or {}
        origin = told.get("origin") if isinstance(told, dict) else None
        country = origin.get("country") if isinstance(origin, dict) else None
        if country:
            connection.execute(
                sa.text("UPDATE sharedmodel SET origin = :country WHERE id = :model"),
                {"country": str(country)[:2], "model": model_id},
            )
