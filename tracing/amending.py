"""What follows when a case is described anew, or its legal basis changes, whoever does it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from tracing.domain import Actor, Case, Description, LegalBasis
from tracing.known_results import LOOKED_BACK
from tracing.records import Records


def amended(
    records: Records, actor: Actor, before: Case, description: Description, legal_basis: LegalBasis, now: datetime
) -> Case:
    """The case as it is saved then, a search due where it can be found.

    A legal basis of ``none`` takes the face out of every gallery in the same transaction, and what reviewers said of it as
    of a known-answer pair.
    """
    saved = records.cases.save(replace(before, description=description, legal_basis=legal_basis))
    if saved.legal_basis is LegalBasis.NONE:
        records.known.let_go(now - LOOKED_BACK)
    if saved.collection is not None:
        records.cases.want_search(before.case_id)
    fields = [name for name in Description.__slots__ if getattr(before.description, name) != getattr(description, name)]
    records.audit.append(actor, "amend_case", before.case_id, {"fields": fields, "legal_basis": legal_basis})
    return saved
