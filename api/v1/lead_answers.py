"""The JSON bodies of answers about leads to relatives."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.v1.answers import CaseAnswer
from tracing.domain import Lead
from tracing.leads import LeadView


class LeadAnswer(BaseModel):
    """Two people who look like relatives."""

    lead_id: str
    pair_id: str
    opened_by: str
    opened_at: datetime
    cases: list[CaseAnswer] = Field(min_length=2, max_length=2)

    @classmethod
    def of(cls, view: LeadView) -> Self:
        lead = view.lead
        return cls(
            lead_id=lead.lead_id,
            pair_id=lead.pair_id,
            opened_by=lead.opened_by,
            opened_at=lead.opened_at,
            cases=[CaseAnswer.of(view.low), CaseAnswer.of(view.high)],
        )


class LeadsAnswer(BaseModel):
    leads: list[LeadAnswer]


class ClosedLeadAnswer(BaseModel):
    lead_id: str
    pair_id: str
    closed_by: str
    closed_at: datetime | None
    finding: str

    @classmethod
    def of(cls, lead: Lead) -> Self:
        return cls(**{name: getattr(lead, name) for name in cls.model_fields})
