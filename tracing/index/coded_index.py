"""Near vectors among millions: short codes of all templates are scanned, and the best of them compared in full.

A template of 128 numbers is coded in 64 times 4 bits (product quantisation; Jegou, Douze, Schmid 2011), and FAISS scans the
codes of all templates in registers (FastScan; Andre, Kermarrec, Le Scouarnec 2015). Nothing is left out beforehand, as
inverted lists and graphs do: photos of one person taken years apart are not near enough to each other for that.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tracing.domain import Hit, Vector
from tracing.errors import Damaged, Unavailable
from tracing.index.coding import NUMBERS_A_CODE, Coder
from tracing.index.faiss_library import load_faiss, nearest, scores_of_rows
from tracing.index.memory import memory_at_hand
from tracing.index.rows import GONE, Rows, portions
from tracing.index.settling import SPARE, Found, rough_scores, settled, squared_length
from tracing.index.templates import checked, checked_batch, checked_ids, checked_limit
from tracing.keeping import Shelved
from tracing.ports import Metric

log = logging.getLogger(__name__)

CODED_FROM: Final = 50_000
"""Templates from which on codes pay; fewer are compared in full in some milliseconds."""
TAIL: Final = 4_096
"""Templates that came since the last time codes were made: so many are compared in full with every probe."""
MOST_GONE: Final = 1_024
"""Empty rows that are put up with in any case; beyond, one in eight."""
ENOUGH: Final = 0.99
"""Below, the codes are not used."""
SHARE: Final = 0.4
"""Of the memory at hand, that templates in full precision may take; beyond, they are kept in half."""
TOGETHER: Final = 16
"""Probes whose best are compared in full at once."""


class CodedIndex:
    """Compares every template in full while there are few; codes them in the background as soon as there are many.

    While the codes are being made everything goes on as before. They are used once their recall of the true list of twenty,
    measured on templates of the index itself, is good enough; results are scored by the exact rule either way, on templates
    in full or, where memory is short or ``half`` says so, in half precision. With ``allow`` the search is exact and touches
    the allowed templates only.

    Not safe for changes from several threads: the gallery's lock sees to that. Raises ``Misconfigured`` where FAISS is missing.
    """

    def __init__(self, dimension: int, metric: Metric, half: bool | None = None, coded_from: int = CODED_FROM) -> None:
        self._faiss = load_faiss()
        self._dimension = dimension
        self._metric = metric
        self._may_halve = half is None
        self._coded_from = coded_from
        self._rows = Rows(dimension, half=bool(half))
        self._longest = 1.0  # the largest squared length of any template that ever was in here
        self._codes: Any = None
        self._reach = 0
        self._recall = 1.0
        self._measured_at = 0
        self._background: threading.Thread | None = None
        self._using = threading.Lock()  # held where codes change, and where they are searched in the background

    @property
    def recall(self) -> float:
        """The share of the true lists of twenty that the codes find; 1 while everything is compared in full."""
        return self._recall if self._codes is not None else 1.0

    @property
    def coded(self) -> int:
        """Rows that are found by their codes."""
        codes = self._codes
        return int(codes.ntotal) if codes is not None else 0

    @property
    def reach(self) -> int:
        """How many of the best by code are compared in full; 0 while all are."""
        return self._reach if self._codes is not None else 0

    @property
    def memory(self) -> int:
        """Bytes that templates, ids and codes take."""
        codes = self._codes
        return self._rows.memory + (codes.codes.size() if codes is not None else 0)

    def add(self, ids: NDArray[np.int64], vectors: Vector) -> None:
        names, templates = checked_batch(ids, vectors, self._dimension, self._metric)
        self._rows.remove(names)
        self._rows.append(names, templates)
        self._longest = max(self._longest, squared_length(templates))
        self._follow()

    def remove(self, ids: NDArray[np.int64]) -> int:
        removed = self._rows.remove(checked_ids(ids))
        self._follow()
        return removed

    def search(self, probes: Vector, limit: int, allow: NDArray[np.int64] | None = None) -> list[list[Hit]]:
        checked_limit(limit)
        wanted = checked(probes, self._dimension, self._metric)
        if limit == 0 or len(self._rows) == 0 or len(wanted) == 0:
            return [[] for _ in wanted]
        if allow is not None:
            rows = self._rows.rows_of(checked_ids(allow))
            return [self._best_of(probe, limit, rows, self._rough(rows, probe)) for probe in wanted]
        codes = self._codes  # the background may take them away
        if codes is None or limit + SPARE > self._reach:
            return self._in_full(wanted, limit)
        parts = [wanted[start : start + TOGETHER] for start in range(0, len(wanted), TOGETHER)]
        return [hits for part in parts for hits in self._by_code(codes, part, limit)]

    def ids(self) -> NDArray[np.int64]:
        return self._rows.sorted_ids()

    def __len__(self) -> int:
        return len(self._rows)

    def tidy(self) -> bool:
        if self._background is not None and self._background.is_alive():
            return False
        if self._rows.gone:
            self._compact()
        return True

    def shelved(self) -> tuple[dict[str, Any], dict[str, Iterable[NDArray[Any]]]]:
        codes, count = self._codes, self._rows.count
        facts = {
            "dimension": self._dimension,
            "metric": str(self._metric),
            "half": self._rows.half,
            "longest": self._longest,
            "reach": self.reach,
            "recall": self.recall,
            "measured_at": self._measured_at if codes is not None else 0,
        }
        with self._using:
            coded = [self._faiss.serialize_index(codes)] if codes is not None else []
        return facts, {"ids": [self._rows.ids.copy()], "codes": coded, "vectors": self._kept(count, self._rows.compacted)}

    def _kept(self, count: int, began: int) -> Iterator[NDArray[Any]]:
        for part in portions(count):
            kept = self._rows.kept(part.start, part.stop)
            if self._rows.compacted != began:
                raise Unavailable("The index was tidied up while it was being kept; the next time it will do.")
            yield kept

    def take_back(self, shelved: Shelved) -> None:
        facts = shelved.facts
        as_kept = facts["dimension"], facts["metric"], self._may_halve or facts["half"] == self._rows.half
        if as_kept != (self._dimension, str(self._metric), True):
            raise Damaged("The index that was kept is of another kind.")
        ids = np.concatenate([np.empty(0, dtype=np.int64), *shelved.arrays.get("ids", ())])
        self._rows = Rows(self._dimension, half=bool(facts["half"]))
        self._rows.take_back(ids, shelved.arrays.get("vectors", ()))
        self._longest = float(facts["longest"])
        if coded := shelved.arrays.get("codes", ()):
            self._reach, self._recall, self._measured_at = facts["reach"], facts["recall"], facts["measured_at"]
            try:
                self._codes = self._faiss.deserialize_index(np.array(coded[0]))
            except RuntimeError as error:  # another version of FAISS wrote them: every search would end here
                raise Damaged("The codes that were kept cannot be read.") from error
        self._follow()

    def finish(self) -> None:
        """Wait until codes that are being made are in use, or given up, and measured at their present number."""
        while self._background is not None:
            self._background.join()
            self._background = None
            self._follow()

    def _in_full(self, probes: Vector, limit: int) -> list[list[Hit]]:
        """Every template against every probe."""
        first = self._nearest(probes, limit + SPARE)

        def listed(place: int, probe: Vector) -> list[Hit]:
            def fetch(count: int) -> Found:
                rows, scores = (
                    (each[place] for each in first)
                    if count <= limit + SPARE
                    else (each[0] for each in self._nearest(probe[np.newaxis], count))
                )
                there = self._rows.ids[rows] != GONE
                return self._found(rows[there][:count], scores[there][:count])

            return settled(probe, self._metric, limit, len(self._rows), self._longest, fetch)

        return [listed(place, probe) for place, probe in enumerate(probes)]

    def _nearest(self, probes: Vector, count: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """(m, count or more) the rows roughly nearest to each probe, best first, and their rough scores; some may be empty."""
        parts = portions(self._rows.count)
        counts = (count + int((self._rows.ids[part] == GONE).sum()) for part in parts)
        whole = ((part.start, self._rows.vectors(part), many) for part, many in zip(parts, counts, strict=True))
        return nearest(probes, whole, self._metric)

    def _by_code(self, codes: Any, probes: Vector, limit: int) -> list[list[Hit]]:
        """The best by code and all that have no code yet, in full."""
        coded = int(codes.ntotal)
        _, rows = codes.search(probes, min(self._reach + min(self._rows.gone, self._reach), coded))
        tail = np.arange(coded, self._rows.count)
        rows = np.concatenate([rows, np.broadcast_to(tail, (len(probes), len(tail)))], axis=1)
        there = (rows != GONE) & (self._rows.ids[rows] != GONE)
        rough = self._rough_of(rows, probes)
        return [
            self._best_of(probe, limit, rows[place][there[place]], rough[place][there[place]])
            for place, probe in enumerate(probes)
        ]

    def _best_of(self, probe: Vector, limit: int, rows: NDArray[Any], rough: NDArray[np.float32]) -> list[Hit]:
        """The best of these rows."""

        def fetch(count: int) -> Found:
            chosen = np.argpartition(-rough, count - 1)[:count] if count < len(rough) else np.arange(len(rough))
            chosen = chosen[np.argsort(-rough[chosen])]
            return self._found(rows[chosen], rough[chosen])

        return settled(probe, self._metric, limit, len(rows), self._longest, fetch)

    def _rough_of(self, rows: NDArray[np.int64], probes: Vector) -> NDArray[np.float32]:
        """(m, k) for each probe those of its own rows."""
        if self._rows.half:
            return rough_scores(self._rows.vectors(rows), probes, self._metric)
        return scores_of_rows(self._rows.vectors(slice(0, self._rows.count)), probes, rows, self._metric)

    def _rough(self, rows: NDArray[np.intp], probe: Vector) -> NDArray[np.float32]:
        parts = [rough_scores(self._rows.vectors(rows[part]), probe, self._metric) for part in portions(len(rows))]
        return np.concatenate([np.empty(0, dtype=np.float32), *parts])

    def _found(self, rows: NDArray[Any], scores: NDArray[np.float32]) -> Found:
        return self._rows.ids[rows], self._rows.vectors(rows), float(scores[-1]) if len(scores) else -np.inf

    def _follow(self) -> None:
        """After a change: code what came, and see to what takes longer in the background, one thing at a time."""
        codes = self._codes
        if codes is not None and self._rows.count - int(codes.ntotal) >= TAIL:
            with self._using:
                for part in portions(self._rows.count, int(codes.ntotal)):
                    codes.add(self._rows.vectors(part))
        if self._background is not None and self._background.is_alive():
            return
        if self._rows.gone > max(MOST_GONE, self._rows.count // 8):
            self._compact()
        if self._may_halve and not self._rows.half and self._rows.memory > SHARE * memory_at_hand():
            log.warning("the templates are kept in half precision from now on, for memory is short")
            self._rows.halve()
        if len(self._rows) >= max(self._coded_from, 2 * self._measured_at) and self._dimension % NUMBERS_A_CODE == 0:
            self._background = threading.Thread(target=self._code, name="code templates", daemon=True)
            self._background.start()

    def _compact(self) -> None:
        empty, codes = self._rows.compact(), self._codes
        if codes is not None:
            with self._using:
                codes.remove_ids(self._faiss.IDSelectorBatch(empty[empty < int(codes.ntotal)]))

    def _code(self) -> None:
        """Make codes of all rows where there are none, see what they are worth at this number, and put them to use."""
        self._measured_at = self._rows.count
        try:
            coder = Coder(self._rows, self._metric, self._using)
            codes = self._codes if self._codes is not None else coder.made(TAIL // 2)
            reach, recall = coder.measured(codes)
        except Exception:  # in a thread of its own nobody else would hear of it; searches go on in full
            log.exception("the templates could not be coded; every one is compared in full")
            self._codes = None
            return
        if recall < ENOUGH:
            log.warning("by codes %.4f of a list would be found; every template is compared in full", recall)
            self._codes = None
            return
        self._reach, self._recall = reach, recall
        self._codes = codes  # from here on searches use them
        log.info("%d templates are found by codes; the best %d are compared in full, recall %.4f", codes.ntotal, reach, recall)
