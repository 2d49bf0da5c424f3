"""The words of the two forms: their parts, their questions, and the answers to choose from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from api.notices.words import VALUES


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


_HOW_WELL: Final = {"well": _("Well"), "some": _("A little"), "none": _("Not at all"), "not_tried": _("Not tried yet")}
_DNA: Final = {
    "not_asked": _("Not asked for yet"),
    "asked": _("Asked for"),
    "collected": _("Collected"),
    "no_hit": _("Compared, nobody found"),
    "hit": _("Compared, somebody found"),
    "refused": _("Refused"),
}

SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "form": {"sheltered": _("Intake form"), "missing": _("Missing-person form")},
    "form_part": {
        "arrival": _("Arrival"),
        "identity": _("Identity and language"),
        "body": _("Appearance and marks"),
        "belongings": _("Belongings"),
        "health": _("Health"),
        "identification": _("Fingerprints, DNA, police"),
        "person": _("The person"),
        "last_seen": _("Whereabouts"),
        "relatives": _("Relatives"),
        "report": _("The report"),
    },
    "question": {
        "entered_at": _("Day and time of arrival"),
        "entry_mode": _("How the person came"),
        "brought_by": _("Brought by (name, unit)"),
        "form_number": _("Number of the handover form"),
        "categories": _("What is known of the situation"),
        "companions": _("Who came along"),
        "claimed_id": _("Identity number, as claimed"),
        "age_claimed": _("Age the person gives"),
        "speech": _("Speaks"),
        "writing": _("Writes"),
        "signing": _("Uses sign language"),
        "build": _("Build"),
        "hair": _("Hair"),
        "body_marks": _("Scars, moles and other marks"),
        "belongings": _("Things the person has"),
        "health_flags": _("State of health"),
        "health_note": _("What helpers must know"),
        "fingerprints": _("Fingerprints"),
        "dna": _("DNA"),
        "dna_on": _("DNA collected on"),
        "police_reply": _("What the police answered"),
        "nicknames": _("Pet names and other names"),
        "id_number": _("Identity number"),
        "look_alike": _("Twin, or brother or sister who looks alike"),
        "look_alike_note": _("Who, and where they live"),
        "last_companions": _("Who was with the person last"),
        "heading_for": _("Where the person may be heading"),
        "residences": _("Where the person has lived"),
        "relatives": _("Relatives"),
        "dna_family": _("DNA of the family"),
        "source": _("Where the report comes from"),
        "requester_check": _("Who reports it: identity"),
        "consent_scope": _("The family agrees to"),
        "police_station": _("Police station"),
        "police_case": _("Police case number"),
    },
    "paper": {
        "foot": _("Printed by %(by)s, %(at)s. Personal data: keep it locked away."),
        "signatures": _("Signatures"),
        "hand_over": _("Record of the hand-over"),
        "nameless": _("Name unknown"),
        "signed_by_staff": _("Filled in by (station)"),
        "signed_by_person": _("The person, or who came along"),
        "signed_on": _("Day"),
        "guarded": _(
            "Relatives may be the danger: this paper does not say where the person is. Show it to nobody of the family."
        ),
        "lacking": _("cannot be printed here; write it in by hand, as it stands on the screen:"),
    },
    "hand_over_part": {
        "receiving": _("Who receives the person"),
        "person": _("The person themselves"),
        "handing": _("When, where, by whom"),
    },
    "hand_over_signs": {
        "receiver": _("Who receives the person"),
        "handed_over_by": _("Who handed over"),
        "witness": _("Witness"),
        "person": _("The person themselves, as far as they can"),
    },
    "column": {
        "mark": _("Kind"),
        "body_part": _("Where on the body"),
        "side": _("Side"),
        "note": _("Note"),
        "keep_back": _("Never publish"),
        "thing": _("Thing"),
        "kept_where": _("Kept where"),
        "name": _("Name"),
        "relation": _("Relation"),
        "contact": _("How to reach them"),
    },
    "answer_entry_mode": {
        "self": _("Came by themselves"),
        "police": _("Brought by the police"),
        "citizen": _("Brought by a citizen"),
        "hospital": _("From a hospital"),
        "urban_management": _("Urban management"),
        "patrol": _("Found by our patrol"),
        "other_station": _("From another station"),
    },
    "answer_categories": {
        "lost": _("Lost"),
        "dementia": _("Dementia"),
        "mental_illness": _("Mental illness"),
        "child": _("Child on their own"),
        "homeless": _("Sleeping rough"),
        "trafficking_suspected": _("Trafficking suspected"),
        "disability": _("Disability"),
    },
    "answer_speech": _HOW_WELL,
    "answer_writing": _HOW_WELL,
    "answer_signing": _HOW_WELL,
    "answer_build": VALUES["build"],
    "answer_mark": VALUES["mark"],
    "answer_side": VALUES["side"],
    "answer_keep_back": {"yes": _("Never publish")},
    "answer_health_flags": {
        "injury": _("Injured"),
        "chronic_illness": _("Chronic illness"),
        "pregnancy": _("Pregnant"),
        "distress": _("In distress"),
        "confused": _("Confused"),
        "needs_medicine": _("Needs medicine"),
    },
    "answer_fingerprints": {"taken": _("Taken"), "refused": _("Refused"), "not_taken": _("Not taken yet")},
    "answer_dna": _DNA,
    "answer_look_alike": {"none": _("None known"), "twin": _("A twin"), "sibling": _("A brother or sister")},
    "answer_dna_family": {
        "given": _("Given"),
        "asked": _("Asked for"),
        "refused": _("Refused"),
        "not_asked": _("Not asked for yet"),
    },
    "answer_source": {
        "family": _("The family"),
        "police": _("Police"),
        "station": _("Another station"),
        "website": _("A website or notice"),
        "other": _("Other"),
    },
    "answer_requester_check": {
        "id_seen": _("Identity card seen"),
        "known": _("Known in person"),
        "not_checked": _("Not checked yet"),
    },
    "answer_consent_scope": {
        "compare": _("Comparing the photos"),
        "share_stations": _("Sharing with other stations"),
        "publish_notice": _("A public notice"),
        "share_partners": _("Telling partner organisations"),
    },
}
