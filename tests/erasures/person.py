"""Makes the person: two cases of theirs, with something in every table, written by the use cases wherever one leads there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tests.factories import NOON, a_hit, a_request, an_emergency, an_id
from tests.fakes import painted_photo
from tests.families.sent import a_report, a_sighting
from tests.house import House
from tests.test_reunions import WHOLE, whole
from tracing.domain import (
    ActionKind,
    ActionOutcome,
    Approval,
    BegunHandOver,
    Case,
    CaseKind,
    Change,
    Channel,
    Clone,
    Closing,
    Description,
    EscalatedClock,
    ImportedRecord,
    Judgement,
    KnownAnswer,
    LegalBasis,
    Notice,
    NoticeField,
    NoticePhoto,
    NoticeState,
    NoticeWords,
    Outcome,
    PartialDate,
    Pause,
    PhotoCut,
    ProofRecord,
    ReceivedNote,
    Relation,
    ReportState,
    Role,
    Source,
    Told,
)
from tracing.importing.drafts import fingerprints
from tracing.opening import ContactDraft
from tracing.records import Opening
from tracing.verdict import Proof

FACE: Final = 40
"""The person's face; 41 is somebody alike enough to be held, who is kept out already."""
MARKS: Final = {
    name: f"痕迹{name}qz"
    for name in (
        "name",
        "mark",
        "clothing",
        "circumstances",
        "contact",
        "phone",
        "form",
        "said",
        "action",
        "request",
        "emergency",
        "approval",
        "withdrawal",
        "erasure",
        "source",
        "judgement",
        "known",
        "proof",
        "draft",
        "pause",
        "hit",
        "portrait",
        "share",
        "note",
        "notice",
        "safeguard",
        "report",
        "sighting",
        "informant",
    )
}
"""Words that nobody else's records hold: one for each place where somebody may write about a person."""


THEIRS: Final = f"{MARKS['source']}/1"
"""What a partner calls the second case."""


@dataclass(frozen=True, slots=True)
class Person:
    """``case`` is matched, of ``second`` the face is withdrawn, and ``third`` stands in galleries and in lists of others.

    ``other``, who was matched with them, stays.
    """

    case: Case
    second: Case
    third: Case
    other: Case

    @property
    def cases(self) -> tuple[Case, Case, Case]:
        return self.case, self.second, self.third


def make_person(house: House) -> Person:
    """The person, among people who stay."""
    other = house.missing(FACE, names=("老李",))
    case = _described(house, CaseKind.SHELTERED)
    second = _described(house, CaseKind.MISSING, source=Source(MARKS["source"], THEIRS))
    relative = house.missing(FACE, names=("老王",))
    _listed(house, case)
    _compared(house, case, second)
    _photographed(house, case)
    house.photograph(second, FACE, shot=9)
    for each in (other, relative):
        house.services.interviews.record(house.intake, each.case_id, Told("家在阜阳市颍上县,会补锅"))
    house.services.worker.work_off()
    _told(house, case)
    _judged(house, case, other, relative)
    _second(house, second)
    _beside(house, case, other)
    _noticed(house, case)
    _reported(house, case)
    house.services.clockwork.follow()
    _clocks(house, case)
    _told_to_partners(house, case, other)
    house.services.safeguarding.mark(house.intake, case.case_id, MARKS["safeguard"])
    _of_partners(house, second)
    third = house.sheltered(FACE, names=(MARKS["name"],))
    house.services.worker.work_off()
    return Person(case, second, third, other)


def _noticed(house: House, case: Case) -> None:
    """A notice of them stands, with a photo."""
    with house.services.store.transaction() as records:
        photo = records.photos.of_case(case.case_id)[0]
        shown = NoticePhoto(photo.photo_id, PhotoCut.WHOLE)
        words = NoticeWords(clothing=MARKS["notice"])
        known = Notice(an_id(), case.case_id, case.kind, an_id(), "救助站", "0551", (house.intake.account_id,), NOON)
        told = {"shown": frozenset({NoticeField.PHOTO, NoticeField.CLOTHING}), "words": words, "photo": shown}
        stands = {"published_at": NOON, "expires_at": NOON + timedelta(days=30)}
        records.notices.add(replace(known, state=NoticeState.PUBLISHED, **told, **stands))


def _reported(house: House, case: Case) -> None:
    """A family reported them, with a photo that has not gone over yet; somebody has seen them, and sent a photo too."""
    report = a_report(house, state=ReportState.ACCEPTED, case_id=case.case_id, typed={"circumstances": MARKS["report"]})
    assert report.case_id
    a_sighting(house, case, said=MARKS["sighting"], contact=MARKS["informant"])


def _listed(house: House, case: Case) -> None:
    """It came with a list of another department."""
    with house.services.store.transaction() as records:
        told = fingerprints(case.description)
        records.imports.put([ImportedRecord(case.case_id, "0" * 64, an_id(), Change.NEW, told)])


def _compared(house: House, case: Case, second: Case) -> None:
    """Lists of other departments may be about them; for one record somebody has opened a case, which is the second one."""
    hit = a_hit(case, source=MARKS["source"], source_id="H-1", reason=MARKS["hit"])
    opened = a_hit(case, source=MARKS["source"], source_id="H-2", opened_case_id=second.case_id)
    with house.services.store.transaction() as records:
        records.hits.put([hit, opened], {hit.hit_id: MARKS["portrait"].encode()})


def _described(house: House, kind: CaseKind, source: Source | None = None) -> Case:
    said = Description(
        names=(MARKS["name"],),
        birth_date=PartialDate.parse("1961"),
        marks=(MARKS["mark"],),
        clothing=MARKS["clothing"],
        circumstances=MARKS["circumstances"],
        seen_place="成都",
    )
    contact = ContactDraft("daughter", MARKS["contact"], MARKS["phone"])
    source = source or Source(MARKS["source"], "0")
    return house.services.intake.open_case(house.intake, kind, said, LegalBasis.STATUTORY_DUTY, contact, source=source)


def _photographed(house: House, case: Case) -> None:
    """One photo that is enrolled, one of several faces, and one that is held: somebody alike was erased and kept out before."""
    services = house.services
    house.photograph(case, FACE, shot=3)
    house.photograph(case, FACE + 200, faces=2)
    services.retention.erase_case(house.manager, house.missing(FACE + 1).case_id, suppress=True)
    held = house.photograph(case, FACE + 1, shot=5)
    assert held.photo.analysis == "held"
    waiting = services.intake.add_photo(house.intake, case.case_id, painted_photo(FACE, shot=77))
    assert waiting.analysis == "pending"


def _told(house: House, case: Case) -> None:
    services = house.services
    services.filing.write(house.intake, case.case_id, {"companions": MARKS["form"]})
    services.interviews.record(house.intake, case.case_id, Told(MARKS["said"] + ",家在阜阳市颍上县,会补锅"))
    services.actions.record(house.intake, case.case_id, ActionKind.NOTICE, ActionOutcome.DONE, None, MARKS["action"])
    services.worker.work_off()


def _judged(house: House, case: Case, other: Case, relative: Case) -> None:
    """A match with its papers, a likeness of relatives with its lead, and a known-answer pair that somebody was given."""
    alike = house.pair(case, relative)
    house.judge(house.reviewer, alike, Judgement.LOOKS_LIKE_RELATIVE)
    pair = house.confirm(house.pair(case, other))
    house.services.review.verify(house.manager, pair.pair_id, Proof.DNA, MARKS["judgement"])
    with house.services.store.transaction() as records:
        decision = records.pairs.decisions(pair.pair_id)[-1]
        details = whole(Proof.DNA) | dict.fromkeys(list(whole(Proof.DNA))[:1], MARKS["proof"])
        records.reunions.add_proof(ProofRecord(decision.decision_id, pair.pair_id, Proof.DNA, details))
        record = WHOLE.record(pair.pair_id, house.manager.account_id, NOON, NOON.date())
        records.reunions.add_hand_over(record)
        records.reunions.save_draft(BegunHandOver(pair.pair_id, {"receiver": MARKS["draft"]}, 0, NOON, "sun"))
        known = KnownAnswer(an_id(), house.second.account_id, pair.pair_id, True, NOON, NOON, reason=MARKS["known"])
        records.known.add(known)


def _second(house: House, second: Case) -> None:
    """The face is withdrawn; somebody else's case was closed because it turned out to be this person's."""
    services = house.services
    with services.store.transaction() as records:
        closed = Closing(an_id(), second.case_id, NOON, Outcome.WITHDRAWN, Channel.POLICE)
        records.cases.add_closing(closed)  # it was closed once, and opened again
        records.cases.add_approval(Approval(second.case_id, house.intake.account_id, Outcome.DECEASED, MARKS["approval"], NOON))
    twice = house.missing(300)
    services.casework.close(
        house.intake, twice.case_id, Outcome.DUPLICATE, "reported twice", Channel.INTERVIEW, second.reference
    )
    services.withdrawing.withdraw(house.intake, second.case_id, MARKS["withdrawal"])


def _beside(house: House, case: Case, other: Case) -> None:
    """What stations asked, an emergency, an erasure that waits for its second word, a closing with the person in it."""
    house.services.retention.say_erase(house.manager, case.case_id, MARKS["erasure"], suppress=False)
    with house.services.store.transaction() as records:
        records.stations.add_request(a_request(case, "north", asking="north", asked="main", reason=MARKS["request"]))
        records.stations.add_emergency(an_emergency(case, station_id="north", reason=MARKS["emergency"]))


def _told_to_partners(house: House, case: Case, other: Case) -> None:
    """Both of a verified pair, so that a note of each speaks of the other."""
    for each, reason in ((case, MARKS["share"]), (other, "agreed")):
        said = replace(house.case(each).description, age_min=60)
        house.services.casework.amend(house.intake, each.case_id, said)
        house.services.case_sharing.share(house.manager, each.case_id, reason)
    assert house.services.telling.follow()


def _of_partners(house: House, second: Case) -> None:
    """The second case is a partner's record; notes say that somebody who stays is the same person."""
    stays = house.sheltered(500, names=("老赵",))
    both = sorted((second.case_id, stays.case_id))
    with house.services.store.transaction() as records:
        records.partners.put_clones([Clone(second.case_id, NOON)])
        for note_id, about, linked in (
            (MARKS["note"], second, "police.example.cn/9"),
            ("police.example.cn/note.9", stays, THEIRS),
        ):
            records.partners.put_received(ReceivedNote(note_id, about.case_id, an_id(), "d" * 64, NOON, linked, "", True))
        generation = records.generations.active().generation_id
        records.pairs.open([Opening(both[0], both[1], Relation.TRACE, generation)], NOON)
        pair = records.pairs.between(*both)
        assert pair is not None
        records.partners.link(pair.pair_id, NOON)


def _clocks(house: House, case: Case) -> None:
    """A clock that stands still for a reason, and was passed on before."""
    with house.services.store.reading() as records:
        (clock, *_) = records.clocks.of_case(case.case_id)
    escalated = EscalatedClock(an_id(), clock.clock_id, case.case_id, Role.MANAGER, house.clock() - timedelta(hours=1))
    with house.services.store.transaction() as records:
        records.escalations.add(escalated)
        records.clocks.add_pause(Pause(an_id(), clock.clock_id, house.clock(), house.manager.account_id, MARKS["pause"]))
