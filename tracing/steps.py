"""One step of a case from state to state, as every use case takes it."""

from __future__ import annotations

from dataclasses import replace

from tracing.domain import Actor, Case, CaseState, Outcome
from tracing.lifecycle import step_case
from tracing.records import Records


def take_step(
    records: Records, actor: Actor, case: Case, then: CaseState, outcome: Outcome | None = None, reason: str | None = None
) -> Case:
    """Save the case in its next state, with its audit event; a case that is open again is due for a search.

    ``WrongState`` for a step that the table does not have. Without a ``reason`` the earlier one stays. What was approved of
    the state before is void in the next one.
    """
    step_case(case.state, then)
    state_reason = case.state_reason if reason is None else reason
    saved = records.cases.save(replace(case, state=then, outcome=outcome, state_reason=state_reason))
    records.cases.drop_approvals(case.case_id)
    if then is CaseState.OPEN:
        records.cases.want_search(case.case_id)
    records.audit.append(actor, "change_case", case.case_id, {"from": case.state, "to": then, "outcome": outcome})
    return saved
