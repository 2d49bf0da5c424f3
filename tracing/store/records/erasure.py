"""Removing every row of a case, and every line that names it elsewhere."""

from __future__ import annotations

from collections.abc import Collection as Some

from sqlalchemy import ColumnElement, Connection, func, or_, select, type_coerce

from tracing.domain import PairState
from tracing.store.columns import Plain
from tracing.store.records.families import erase_handed
from tracing.store.records.files import give_up_erased
from tracing.store.tables import (
    approvals,
    case_forms,
    case_sources,
    case_texts,
    cases,
    clocks,
    clones,
    closings,
    clue_hits,
    clue_keys,
    clue_searches,
    clues,
    contacts,
    decisions,
    emergencies,
    erasure_requests,
    escalations,
    face_withdrawals,
    faces,
    family_reports,
    hand_over_drafts,
    hand_overs,
    handed_photos,
    held_photos,
    imported_records,
    known_answers,
    leads,
    list_hits,
    list_portraits,
    matches,
    name_keys,
    notices,
    pairs,
    partner_links,
    pauses,
    photos,
    proofs,
    received_notes,
    safeguards,
    search_runs,
    shares,
    sightings,
    station_requests,
    templates,
    told_notes,
    told_records,
    tracing_actions,
)


def erase_case(connection: Connection, case_id: str) -> list[str]:
    """Delete from the leaves to the root; the keys of the photo files that are now without a row.

    Of what partners were told the id and the dates stay, which name nobody, so that copies elsewhere die.
    """
    _erase_told(connection, case_id)
    _erase_named(connection, case_id)
    _erase_pairs(connection, case_id)
    _erase_hits(connection, or_(list_hits.c.case_id == case_id, list_hits.c.opened_case_id == case_id))
    connection.execute(search_runs.delete().where(search_runs.c.case_id == case_id))
    erase_from_lists(connection, case_id)
    connection.execute(notices.delete().where(notices.c.case_id == case_id))
    photo_keys = [*_erase_photos(connection, case_id), *_erase_families(connection, case_id)]
    connection.execute(closings.delete().where(closings.c.case_id == case_id))
    unnamed = {"other_case_id": None, "list_id": ""}
    connection.execute(closings.update().where(closings.c.other_case_id == case_id).values(unnamed))
    connection.execute(escalations.delete().where(escalations.c.case_id == case_id))
    own_clocks = select(clocks.c.clock_id).where(clocks.c.case_id == case_id)
    connection.execute(pauses.delete().where(pauses.c.clock_id.in_(own_clocks)))
    for table in (
        approvals,
        case_forms,
        case_sources,
        case_texts,
        clocks,
        clones,
        clue_keys,
        clue_searches,
        clues,
        contacts,
        emergencies,
        erasure_requests,
        face_withdrawals,
        imported_records,
        name_keys,
        received_notes,
        safeguards,
        shares,
        station_requests,
        tracing_actions,
    ):
        connection.execute(table.delete().where(table.c.case_id == case_id))
    connection.execute(cases.delete().where(cases.c.case_id == case_id))
    return photo_keys


def erase_hits_of_records(connection: Connection, record_digests: Some[str]) -> None:
    """Hits of these records of other departments' lists, whatever case they point at: the records are the case that goes."""
    _erase_hits(connection, list_hits.c.record_digest.in_(sorted(record_digests)))


def _erase_hits(connection: Connection, which: ColumnElement[bool]) -> None:
    hit_ids = select(list_hits.c.hit_id).where(which)
    connection.execute(list_portraits.delete().where(list_portraits.c.hit_id.in_(hit_ids)))
    connection.execute(list_hits.delete().where(which))


def _erase_pairs(connection: Connection, case_id: str) -> None:
    """Pairs that one of these had superseded wait for review again, unless another match holds one of their cases by now."""
    own = select(pairs.c.pair_id).where((pairs.c.low_case_id == case_id) | (pairs.c.high_case_id == case_id))
    freed = pairs.c.superseded_by.in_(own) & (pairs.c.state == PairState.SUPERSEDED) & pairs.c.state_before.is_not(None)
    holding = select(func.min(matches.c.pair_id)).where(
        matches.c.case_id.in_([pairs.c.low_case_id, pairs.c.high_case_id]), matches.c.pair_id.not_in(own)
    )
    held = holding.correlate(pairs).scalar_subquery()
    handed_on = {"superseded_by": held, "version": pairs.c.version + 1}
    connection.execute(pairs.update().where(freed, held.is_not(None)).values(handed_on))
    back = {"state": pairs.c.state_before, "state_before": None, "superseded_by": None, "version": pairs.c.version + 1}
    connection.execute(pairs.update().where(freed, pairs.c.pair_id.not_in(own)).values(back))
    of_partners = (told_notes, partner_links)
    papers = (matches, leads, known_answers, proofs, hand_overs, hand_over_drafts)
    for table in (*of_partners, *papers, decisions, clue_hits, pairs):
        connection.execute(table.delete().where(table.c.pair_id.in_(own)))


def _erase_families(connection: Connection, case_id: str) -> list[str]:
    """The family's report with its secret, what informants have seen, and the photos that came with either."""
    reports = select(family_reports.c.report_id).where(family_reports.c.case_id == case_id)
    seen = select(sightings.c.sighting_id).where(sightings.c.case_id == case_id)
    which = handed_photos.c.report_id.in_(reports) | handed_photos.c.sighting_id.in_(seen)
    keys = erase_handed(connection, which)
    for table in (family_reports, sightings):
        connection.execute(table.delete().where(table.c.case_id == case_id))
    return keys


def _erase_told(connection: Connection, case_id: str) -> None:
    """The digest goes as well: a guess at the person could be compared with it."""
    own = select(shares.c.record_id).where(shares.c.case_id == case_id)
    connection.execute(told_notes.delete().where(told_notes.c.record_id.in_(own)))
    connection.execute(told_records.update().where(told_records.c.record_id.in_(own)).values(digest="erased"))


def _erase_named(connection: Connection, case_id: str) -> None:
    """What partners call the person stands in the notes about others that they link with."""
    called = select(case_sources.c.source_id).where(case_sources.c.case_id == case_id)
    shared = select(shares.c.record_id).where(shares.c.case_id == case_id)
    naming = received_notes.c.linked_id.in_(called) | received_notes.c.linked_id.in_(shared)
    connection.execute(received_notes.update().where(naming).values(linked_id="", digest=""))


def erase_from_lists(connection: Connection, case_id: str) -> None:
    """Take the case's lines out of the lists that other cases' searches had shown."""
    naming = type_coerce(search_runs.c.list, Plain()).contains(case_id, autoescape=True)
    for run in connection.execute(select(search_runs.c.run_id, search_runs.c.list).where(naming)).all():
        others = tuple(line for line in run.list if line.case_id != case_id)
        connection.execute(search_runs.update().where(search_runs.c.run_id == run.run_id).values(list=others))


def _erase_photos(connection: Connection, case_id: str) -> list[str]:
    own_photos = select(photos.c.photo_id).where(photos.c.case_id == case_id)
    own_faces = select(faces.c.face_id).where(faces.c.photo_id.in_(own_photos))
    connection.execute(templates.delete().where(templates.c.face_id.in_(own_faces)))
    connection.execute(faces.delete().where(faces.c.photo_id.in_(own_photos)))
    connection.execute(held_photos.delete().where(held_photos.c.photo_id.in_(own_photos)))
    erased = photos.delete().where(photos.c.case_id == case_id).returning(photos.c.photo_key)
    keys = list(connection.execute(erased).scalars())
    give_up_erased(connection, keys)
    return keys
