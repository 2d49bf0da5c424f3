"""What each sealed column holds and whose it is: bound into the seal, so that no sealed bytes can stand in for others."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, Table

from tracing.store.tables import (
    case_forms,
    contacts,
    family_reports,
    hand_over_drafts,
    hand_overs,
    keepout_salts,
    keepout_templates,
    list_hits,
    list_portraits,
    metadata,
    notices,
    proofs,
    safeguards,
    sightings,
    templates,
)

SEALED: Final[dict[Table, str]] = {
    contacts: "contact:{contact_id}:{case_id}",
    case_forms: "form:{case_id}",
    templates: "template:{face_id}:{encoder_id}",
    safeguards: "safeguard:{safeguard_id}:{case_id}",
    proofs: "proof:{decision_id}:{pair_id}",
    hand_overs: "hand-over:{pair_id}",
    hand_over_drafts: "hand-over-draft:{pair_id}",
    notices: "notice:{notice_id}:{case_id}",
    keepout_templates: "keepout:{keepout_id}:{encoder_id}",
    keepout_salts: "keepout salt",
    list_hits: "list hit:{hit_id}:{case_id}",
    list_portraits: "list portrait:{hit_id}",
    family_reports: "family report:{report_id}",
    sightings: "sighting:{sighting_id}:{case_id}",
}
"""Table -> the context of its column ``sealed``, by its other columns. One that is missing here could not be sealed anew."""
COLUMN: Final = "sealed"


def context_of(table: Table, **ids: Any) -> str:
    """The context of a row of this table."""
    return SEALED[table].format_map(ids)


def sealed_columns() -> list[Column[Any]]:
    """Every column of sealed bytes in the order of the tables."""
    return [table.c[COLUMN] for table in metadata.sorted_tables if table in SEALED]
