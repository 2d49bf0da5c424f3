"""The words of a case's page: what happened to it, what is ahead, and what is to be done next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


SAID: Final[Mapping[str, Mapping[str, str]]] = {
    "EntryKind": {
        "case": _("The case"),
        "photo": _("Photos"),
        "clue": _("Clues"),
        "action": _("Actions"),
        "clock": _("Time limits"),
        "pair": _("Pairs"),
        "station": _("Stations"),
        "search": _("Searches"),
    },
    "What": {
        "opened": _("Case opened"),
        "amended": _("Description changed"),
        "form_written": _("Form filled in"),
        "state_changed": _("State"),
        "closing_noted": _("What brought it to light"),
        "death_said": _("First word that the person has died"),
        "death_taken_back": _("The word that the person has died was taken back"),
        "other": _("Another step"),
        "expires": _("The file has been kept long enough"),
        "erasure_asked": _("Erasure asked for"),
        "erasure_taken_back": _("Erasure no longer asked for"),
        "data_exported": _("All data of the person handed out"),
        "photo_added": _("Photo added"),
        "photo_analysed": _("Photo looked at"),
        "face_chosen": _("Face chosen"),
        "face_withdrawn": _("Face withdrawn"),
        "face_given_back": _("Face given back to be searched"),
        "photo_held": _("Photo held back"),
        "photo_let_in": _("Photo let in: it shows somebody else"),
        "clue_recorded": _("Written down word for word"),
        "clue_revised": _("Written down better"),
        "clue_marked": _("Names and places marked"),
        "clue_withdrawn": _("Clue withdrawn"),
        "action_recorded": _("Tracing action"),
        "clock_started": _("Clock started"),
        "clock_paused": _("Clock stands still"),
        "clock_resumed": _("Clock goes on"),
        "clock_met": _("Done"),
        "clock_ended": _("Clock ended"),
        "clock_overdue": _("Overdue from here on"),
        "clock_reached": _("Reached"),
        "clock_escalated": _("Passed on"),
        "escalation_seen": _("Taken note of"),
        "clock_moved": _("Due time moved by the official calendar"),
        "clock_due": _("Due"),
        "threshold_ahead": _("From then on"),
        "pair_proposed": _("Possible pair"),
        "clue_hit": _("Clues speak for the pair"),
        "pair_judged": _("Judgement"),
        "pair_verified": _("Verified"),
        "pair_reunited": _("Reunited"),
        "pair_revoked": _("Match revoked"),
        "pair_set_aside": _("Pair set aside"),
        "pair_back": _("Pair waits for review again"),
        "lead_opened": _("Likeness of relatives noted"),
        "lead_closed": _("Likeness of relatives followed up"),
        "station_asked": _("Asked between stations"),
        "station_answered": _("Answered between stations"),
        "case_moved": _("Case handed over"),
        "emergency_opened": _("Opened in an emergency"),
        "emergency_seen": _("Emergency looked at afterwards"),
        "answer_due": _("Answer of the station"),
        "grant_ends": _("Access of the other station ends"),
        "faces_searched": _("Searched by face"),
        "clues_searched": _("Searched by clues"),
        "lined_up": _("Compared with a photo that is not kept"),
    },
    "set_aside": {
        "supersede_pair": _("one of the two was matched elsewhere"),
        "unsupported": _("nothing speaks for it any more"),
        "face_withdrawn": _("the face of one of the two was withdrawn"),
        "reopen_pair": _("there is a new photo"),
        "bring_back_pair": _("something speaks for it again"),
    },
    "Errand": {
        "second_word": _("Somebody said that the person has died: give the second word"),
        "answer_request": _("A station waits for your answer"),
        "choose_face": _("Say which face it is"),
        "first_photo": _("Take the first photo"),
        "another_photo": _("No face was found: take another photo"),
        "tell_operator": _("A photo could not be looked at: tell the operator"),
        "legal_basis": _("Without a legal basis there is no search: settle it"),
        "verify": _("Verify the match by evidence beyond the face"),
        "hand_over": _("Hand the person over, and record it"),
    },
    "errand_interview": {
        "sheltered": _("Talk with the person, and write down what they say"),
        "missing": _("Ask the family, and write down what they say"),
    },
    "errand_of_others": {
        "verify": _("The match waits for a manager's verification"),
        "hand_over": _("The verified match waits for the hand-over"),
    },
}
