"""No index by encoder: it made SQLite read every template to find those of one case."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Templates are found by their face; those of an encoder are counted over the unique key, which has both."""
    op.drop_index("ix_templates_encoder_id", "templates")
