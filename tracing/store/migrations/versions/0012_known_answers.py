"""Known-answer pairs of reviewers, what verifications rested on, and records of hand-overs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Earlier verifications and reunions keep what was written of them as the reason of the decision."""
    op.create_table(
        "known_answers",
        sa.Column("known_id", TEXT, nullable=False),
        sa.Column("reviewer", TEXT, nullable=False),
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("mated", sa.Boolean(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("waiting_since", MOMENT, nullable=False),
        sa.Column("claimed_until", MOMENT, nullable=True),
        sa.Column("judgement", TEXT, nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("features", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("judged_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_known_answers_pair_id_pairs"),
        sa.PrimaryKeyConstraint("known_id", name="pk_known_answers"),
    )
    op.create_index("ix_known_answers_pair_id", "known_answers", ["pair_id"])
    op.create_index("ix_known_answers_reviewer_judged_at", "known_answers", ["reviewer", "judged_at"])
    op.create_table(
        "proofs",
        sa.Column("decision_id", TEXT, nullable=False),
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("proof", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decisions.decision_id"], name="fk_proofs_decision_id_decisions"),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_proofs_pair_id_pairs"),
        sa.PrimaryKeyConstraint("decision_id", name="pk_proofs"),
    )
    op.create_index("ix_proofs_pair_id", "proofs", ["pair_id"])
    op.create_table(
        "hand_overs",
        sa.Column("pair_id", TEXT, nullable=False),
        sa.Column("recorded_by", TEXT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pairs.pair_id"], name="fk_hand_overs_pair_id_pairs"),
        sa.PrimaryKeyConstraint("pair_id", name="pk_hand_overs"),
    )
