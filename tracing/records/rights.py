"""Withdrawn faces, where records came from, keep-outs and held photos in the record store."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tracing.domain import ErasureRequest, FaceWithdrawal, HeldPhoto, Keepout, Source, Vector


class RightsRecords(Protocol):
    def withdrawal(self, case_id: str) -> FaceWithdrawal | None:
        """None where the face may be searched."""
        ...

    def withdrawn(self, case_ids: Some[str]) -> set[str]:
        """Of these cases those whose face may not be searched, nor shown."""
        ...

    def is_withdrawn(self, case_id: str) -> bool:
        """As it stands now and until the end of this transaction: nobody withdraws the face beside it."""
        ...

    def withdraw(self, withdrawal: FaceWithdrawal) -> int:
        """Remove faces, templates, places in galleries, scores and lines on lists; the number of templates.

        A second one is a ``Conflict``.
        """
        ...

    def give_back(self, case_id: str) -> int:
        """End the withdrawal and let the photos be looked at again; how many there are."""
        ...

    def add_sources(self, sources: Mapping[str, Source]) -> None:
        """case_id -> where it came from. A ``Conflict`` where another case came from the same record."""
        ...

    def source(self, case_id: str) -> Source | None:
        """As it is kept: of an identity number a digest."""
        ...

    def named(self, sources: Sequence[Source]) -> list[Source]:
        """Each as it is kept: an identity number is a keyed digest, which is the same each time."""
        ...

    def withhold(self, sources: Sequence[Source]) -> None:
        """Keep the digests alone of those identity numbers that were kept as they came, before they were known to be some."""
        ...

    def ask_erasure(self, request: ErasureRequest) -> None:
        """A second one is a ``Conflict``."""
        ...

    def erasure_asked(self, case_id: str) -> ErasureRequest | None: ...

    def erasures_asked(self) -> list[ErasureRequest]:
        """The oldest first."""
        ...

    def drop_erasure(self, case_id: str) -> bool:
        """Whether there was one."""
        ...


class KeepoutRecords(Protocol):
    def add(self, keepout: Keepout, vectors: Mapping[str, Vector], source: Source | None) -> None:
        """With a template by encoder, sealed, and the digest of the source's name for the record."""
        ...

    def all(self) -> list[Keepout]:
        """The oldest first, those that are over included."""
        ...

    def kept_out(self, sources: Some[Source], now: datetime) -> set[Source]:
        """Those of whose records one is kept out now."""
        ...

    def encoders(self, now: datetime) -> list[str]:
        """The encoders by which keep-outs that still hold have a template."""
        ...

    def vectors(self, encoder_id: str, now: datetime, since: datetime | None = None) -> list[tuple[str, Vector]]:
        """keepout_id and template of those that still hold, and were made after ``since``."""
        ...

    def drop(self, keepout_ids: Some[str]) -> int:
        """Remove them; the photos that were held because of them are looked at again. How many keep-outs there were."""
        ...

    def hold(self, held: HeldPhoto) -> None: ...

    def held(self, photo_id: str) -> HeldPhoto | None: ...

    def waiting(self) -> list[HeldPhoto]:
        """Photos about which nobody has decided, the oldest first."""
        ...

    def clear(self, held: HeldPhoto) -> bool:
        """Keep the decision, and let the photo be looked at; False where somebody was faster."""
        ...
