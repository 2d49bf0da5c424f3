"""The words of each case as they stand there, to be found by parts of them, in the record store."""

from __future__ import annotations

from typing import Protocol


class TextRecords(Protocol):
    def put(self, case_id: str, words: str) -> None:
        """These are the words of the case from now on, one text a line; a case that is not searchable has none."""
        ...

    def same(self, case_id: str, words: str) -> bool:
        """Whether these are the words that were put last."""
        ...

    def holding(self, word: str, limit: int) -> list[str]:
        """Ids of at most so many searchable cases in whose words this one stands, whatever the case and width of letters.

        Of Chinese any two characters on end are found, of other scripts whole words; none for less than that.
        """
        ...

    def tidy(self) -> None:
        """Drop what the index still holds of words that were erased or replaced, unless the database does so by itself."""
        ...
