"""What somebody says of a list: who sent it, what for, and which column is what."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol

from tracing.access import Permission, require
from tracing.domain import Actor, CaseKind, LegalBasis, ListPurpose
from tracing.errors import Invalid
from tracing.importing.columns import Column

LONGEST_SOURCE: Final = 200


class Photos(Protocol):
    """The photos that came with a list, by their paths."""

    def named(self, name: str, source_id: str) -> str | None: ...

    def by_number(self, source_ids: Collection[str]) -> tuple[dict[str, list[str]], set[str]]: ...

    def read(self, path: str) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """``kind`` is what its people are where a row does not say it, ``legal_basis`` why they may be kept, or searched for.

    ``columns``: what columns are whose headings nobody knows.
    """

    source: str
    kind: CaseKind
    legal_basis: LegalBasis
    columns: tuple[tuple[str, Column | None], ...] = ()
    purpose: ListPurpose = ListPurpose.IMPORT

    def digest(self, table: bytes) -> str:
        """Of a list with this said about it; ``table`` is the digest of its file."""
        said = [self.source, self.kind, self.legal_basis, sorted((text, str(column)) for text, column in self.columns)]
        if self.purpose is not ListPurpose.IMPORT:
            said.append(self.purpose)
        return hashlib.sha256(table + json.dumps(said).encode()).hexdigest()


def check(actor: Actor, plan: Plan) -> None:
    """``NotAllowed`` for who may not bring lists in, ``Invalid`` where no list can be like that."""
    require(actor, Permission.OPEN_CASES)
    require(actor, Permission.EDIT_CASES)
    if not plan.source.strip() or len(plan.source) > LONGEST_SOURCE:
        raise Invalid(f"Say who sent the list, in at most {LONGEST_SOURCE} characters.", "source")
    if plan.purpose is ListPurpose.COMPARE and plan.legal_basis is LegalBasis.NONE:
        raise Invalid("Without a legal basis nobody may be searched for: a list without one is not compared.", "legal_basis")
