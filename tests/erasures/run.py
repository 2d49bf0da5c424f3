"""Makes the person, erases them, and looks everywhere; what there was and what is left, as figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.erasures.answers import ROLES, told
from tests.erasures.person import FACE, MARKS, Person, make_person
from tests.erasures.traces import NOT_OF_A_PERSON, Traces, left, traces_of
from tests.house import House
from tests.partners.stories import persons
from tests.stories import a_neighbour, found_by
from tracing import gallery
from tracing.bootstrap import Services
from tracing.chosen import DEFAULT_ENCODER
from tracing.domain import Case, Role
from tracing.store.tables import metadata


@dataclass(slots=True)
class Figures:
    """``rows`` made by table, ``files`` by their keys, ``answers`` looked at; ``left``: where something is still.

    ``found_before``: in galleries, and on the disk. Where nothing is found before, finding nothing afterwards says nothing.
    """

    rows: dict[str, int] = field(default_factory=dict)
    files: int = 0
    templates: int = 0
    found_before: dict[str, int] = field(default_factory=dict)
    answers: int = 0
    answers_before: int = 0
    left: dict[str, list[str]] = field(default_factory=dict)
    unfilled: list[str] = field(default_factory=list)
    unmarked: list[str] = field(default_factory=list)

    def counted(self) -> dict[str, int]:
        return {
            "rows": sum(self.rows.values()),
            "tables": sum(1 for count in self.rows.values() if count),
            "templates": self.templates,
            "photo_files": self.files,
            "answers_looked_at": self.answers,
            "told_before": self.answers_before,
            "left": sum(map(len, self.left.values())),
        }


def erase_and_look(house: House, ask: bool = True, before: Callable[[], object] = lambda: None) -> Figures:
    """Everything, in a house of its own; without ``ask`` no route is asked. ``before`` is done right before the erasure."""
    kept_from, gallery.SHELVED_FROM = gallery.SHELVED_FROM, 1  # type: ignore[misc]  # so that there is one on disk
    try:
        return _erase_and_look(house, ask, before)
    finally:
        gallery.SHELVED_FROM = kept_from  # type: ignore[misc]


def _erase_and_look(house: House, ask: bool, before_erasure: Callable[[], object]) -> Figures:
    person = make_person(house)
    case_ids = [each.case_id for each in person.cases]
    traces = traces_of(house, case_ids, MARKS)
    before = left(house, traces)
    figures = Figures(rows=dict(traces.rows), templates=len(traces.template_ids))
    figures.unfilled = sorted(
        set(metadata.tables) - NOT_OF_A_PERSON.keys() - {name for name, rows in traces.rows.items() if rows}
    )
    seen = " ".join(line for lines in before.values() for line in lines)
    figures.unmarked = [name for name, word in MARKS.items() if word not in seen]
    keys = files(house) & traces.ids
    figures.files = len(keys)
    ids = _ids(house, person)
    with a_neighbour(house) as other:
        probe = house.missing(FACE, names=("somebody else",))
        found_by(other, probe)
        house.services.shelving.shelve()
        assert house.services.settings.gallery_dir.exists()
        figures.found_before = {
            "the gallery of this process": len(_in_gallery(house.services, probe, traces)),
            "the gallery of another process": len(_in_gallery(other, probe, traces)),
        }
        if not house.services.settings.database_url:  # PostgreSQL keeps its files elsewhere; ours are sealed
            figures.found_before["files on the disk"] = len(_on_disk(house, traces))
        figures.answers_before = sum(map(bool, told(house.services, traces, ids, ROLES[2:3])[1])) if ask else 0
        before_erasure()
        _erase(house, person)
        figures.left |= left(house, traces)
        for name, services, roles in (("this process", house.services, ROLES), ("another process", other, ROLES[2:3])):
            _note(figures, f"the gallery of {name}", _in_gallery(services, probe, traces))
            looked_at, leaks = told(services, traces, ids, roles) if ask else (0, [])
            figures.answers += looked_at
            _note(figures, f"answers of {name}", leaks)
        _note(figures, "records of partners that live", _living(house))
        _note(figures, "photo files", sorted(keys & files(house)))
        _note(figures, "files on the disk", _on_disk(house, traces))
        _note(figures, "tracing check", house.faults())
    return figures


def files(house: House) -> set[str]:
    return set(house.services.photos.keys())


def _erase(house: House, person: Person) -> None:
    """The first case by two managers, the second at once and for good, the third at once."""
    second = house.hire("zhou", Role.MANAGER)
    assert house.services.retention.say_erase(second, person.case.case_id, "checked", suppress=False)
    house.services.retention.erase_case(house.manager, person.second.case_id, suppress=True)
    house.services.retention.erase_case(house.manager, person.third.case_id)
    house.services.worker.work_off()


def _ids(house: House, person: Person) -> Mapping[str, Mapping[str, str]]:
    """Names of the person's things, and of those of somebody who stays, for what stands in braces in a path."""
    return {each.reference: ids_of(house.services, each.case_id) for each in (*person.cases, person.other)}


def ids_of(services: Services, case_id: str) -> dict[str, str]:
    with services.store.reading() as records:
        photos, faces = records.photos.of_case(case_id), records.faces.of_case(case_id)
        pairs, clues = records.pairs.of_case(case_id), records.clues.of_cases([case_id]).get(case_id, [])
        clocks, requests = records.clocks.of_case(case_id), records.stations.requests_of(case_id)
        notices = records.notices.of_case(case_id)
    found = {"case_id": case_id, "step": "suspend", "part": "person"}
    found |= {"photo_id": photos[0].photo_id} if photos else {}
    found |= {"notice_id": notices[0].notice_id} if notices else {}
    found |= {"face_id": faces[0].face_id} if faces else {}
    found |= {"pair_id": pairs[0].pair_id} if pairs else {}
    found |= {"clue_id": clues[0].clue.clue_id} if clues else {}
    found |= {"clock_id": clocks[0].clock_id} if clocks else {}
    return found | ({"request_id": requests[0].request_id} if requests else {})


def _in_gallery(services: Services, probe: Case, traces: Traces) -> list[str]:
    hits = found_by(services, probe) & traces.ids
    held = services.galleries.of(DEFAULT_ENCODER).snapshot().keys() & traces.template_ids
    return [*sorted(hits), *map(str, sorted(held))]


def _on_disk(house: House, traces: Traces) -> list[str]:
    """Files whose bytes hold a word, an id or a template of the person; those of the audit's ids are left out by its table."""
    wanted = (
        [each.encode() for each in traces.words]
        + [each[2:].encode() for each in traces.words]
        + [vector.tobytes() for vector in traces.vectors]
    )
    found = []
    for path in sorted(house.services.settings.data_dir.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{path.name}: {each[:24]!r}" for each in wanted if each in content]
    return found


def _living(house: House) -> list[str]:
    """What partners are told of more than that it has expired, but for the person who stays."""
    told = persons(house)
    assert any(each.placeholder for each in told), "the copies elsewhere would stay"
    return [each.full_name for each in told if each.full_name not in ("", "老李")]


def _note(figures: Figures, where: str, what: list[str]) -> None:
    if what:
        figures.left[where] = what
