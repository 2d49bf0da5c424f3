"""Why no face was found in a photo."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Photos that were looked at before keep no reason: nobody knows it now."""
    op.add_column("photos", sa.Column("no_face", TEXT, nullable=True))
