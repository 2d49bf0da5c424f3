"""Records that their sender names by an identity number of the person: what is kept in its place, and found by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracing.domain import ImportedRecord
from tracing.importing.drafts import Draft
from tracing.records import Records


def withheld(records: Records, sender: str, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The same, each by the name under which it is kept; to be asked before anything else is done with them."""
    if not any(draft.identity for draft in drafts):
        return tuple(drafts)
    kept = records.rights.named([draft.source(sender) for draft in drafts])
    return tuple(
        replace(draft, source_id=each.source_id, number=draft.source_id) if draft.identity else draft
        for draft, each in zip(drafts, kept, strict=True)
    )


def known(records: Records, sender: str, drafts: Sequence[Draft]) -> dict[str, ImportedRecord]:
    """Their names -> what is kept of them, also where that was kept before such numbers were withheld."""
    numbers = {draft.number: draft.source_id for draft in drafts if draft.number}
    found = records.imports.known(sender, [*(draft.source_id for draft in drafts), *numbers])
    return {numbers.get(name, name): record for name, record in found.items()}
