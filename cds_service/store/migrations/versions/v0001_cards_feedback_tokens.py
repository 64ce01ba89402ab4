"""Cards shown, feedback on them, tokens used."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "cards",
        sa.Column("uuid", sa.String(36), primary_key=True),
        sa.Column("shown", sa.Float, nullable=False),
        sa.Column("service", sa.String(128), nullable=False),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("topic", sa.String(64), nullable=False),
        sa.Column("indicator", sa.String(16), nullable=False),
        sa.Column("rules", sa.Text, nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("issuer", sa.String(512), nullable=False),
        sa.Column("suggestions", sa.Text, nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.Column("likeness", sa.String(64), nullable=False),
    )
    op.create_index("cards_by_time", "cards", ["shown"])
    op.create_index("cards_by_likeness", "cards", ["likeness", "shown"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("card", sa.String(256), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("happened", sa.String(40), nullable=False),
        sa.Column("received", sa.Float, nullable=False),
        sa.Column("service", sa.String(128), nullable=False),
        sa.Column("issuer", sa.String(512), nullable=False),
        sa.Column("suggestions", sa.Text, nullable=False),
        sa.Column("reason_system", sa.String(512), nullable=False),
        sa.Column("reason_code", sa.String(256), nullable=False),
        sa.Column("reason_display", sa.String(512), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("is_issued", sa.Boolean, nullable=False),
        sa.UniqueConstraint("card", "outcome", "happened", name="feedback_once"),
    )
    op.create_table(
        "tokens",
        sa.Column("issuer", sa.String(512), primary_key=True),
        sa.Column("jti", sa.String(64), primary_key=True),
        sa.Column("until", sa.Float, nullable=False),
    )
    op.create_index("tokens_by_end", "tokens", ["until"])


def downgrade() -> None:
    """Drop them, with all that they hold."""
    op.drop_table("tokens")
    op.drop_table("feedback")
    op.drop_table("cards")
