"""Sentences of the error tree as people read them: what the use cases say, and each in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from api.staff import list_words, report_words, seldom_sentences
from api.staff.words import SAID
from tracing import errors


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is said."""
    return text


SENTENCES: Final = (
    _("The role %(role)s may not do this (%(what)s)."),
    _("The name or the password is wrong."),
    _("You are not signed in, or your session has ended. Please sign in."),
    _("That were too many wrong passwords. Wait a while, then try once more."),
    _("That were %(number)s searches today, as many as one account may make. Go on tomorrow."),
    _("The password you have now is wrong."),
    _("The two new passwords are not the same."),
    _("A password has between %(least)s and %(most)s characters."),
    _("This account is disabled."),
    _("This form was sent from another site."),
    _("This form has expired; go back, load the page again, and send it once more."),
    _("This form belongs to another session; go back, load the page again, and send it once more."),
    _("There is no such %(thing)s."),
    _("There is no such page."),
    _("There is no such face in this photo, or nobody has said yet which face is the person's."),
    _("There is no such photo file."),
    _("There is no such report, or it was sent already."),
    _("This kind of evidence has no such field."),
    _("Write the month as year and month, such as 2026-10."),
    _("This month is not over yet. There is a report of it from the first day of the next one on."),
    _("Your password opens nothing any more: sign in by the provider."),
    _("The sign-in provider does not answer; try again in a minute."),
    _("What the sign-in provider said does not hold; try again, and tell the operator if it stays so."),
    _("This sign-in took too long, or another one was begun after it. Begin again."),
    _("The sign-in provider did not let you in, or you stopped there. You can try again."),
    _("This answer is of another sign-in provider. Begin again."),
    _("This account has a password: its owner links it, on the page that shows the code."),
    _("Nobody signs in to this account by the provider."),
    _("Nobody waits with this code: it is another one, or it has run out."),
    _("Somebody signs in to this account by the provider already."),
    _("There is no such account at your station, or it is disabled."),
    _("PFIF is off here: the operator has not set TRACING_PFIF_DOMAIN."),
    _("This case came from a partner, who tells the others of it."),
    _("There is no legal basis for this case, so nobody is told of it."),
    _("Only an open case is shared."),
    _("The family has not agreed that partners are told, as the form of the case says."),
    _("This person is, or may be, under 14: partners are told of a child by a published notice alone."),
    _("This case is shared with partners already."),
    _("This case is not shared with partners."),
    _("Something is missing or makes no sense yet; each field says what."),
    _("This is needed."),
    _("Write a whole date, such as 2024-03-15."),
    _("Write a time of day, such as 14:30."),
    _("This day has not come yet."),
    _("One of the two cases is closed, on hold, or may not be compared any more; nobody judges it now."),
    _("Only somebody in care is reunited with those who sought them; these are two files of one kind."),
    _("Only a verified pair leads to a reunion."),
    _("The day of the follow-up comes after the hand-over."),
    _("Your session has ended. Send the form: you can sign in then, and nothing is lost."),
    _("No word of yours waits here: none was given, or a second person has confirmed it."),
    _("Somebody has closed this lead already."),
    _("This was a known-answer pair; what was said of it stays as it is."),
    _("There is no such language."),
    _("An age lies between 0 and %(oldest)s years."),
    _("The lower age is above the upper age."),
    _("A height lies between 20 and 280 centimetres."),
    _("The date lies in the future or too far in the past."),
    _("The photo cannot have been taken in the future."),
    _("At most %(most)s characters fit here."),
    _("At most %(most)s entries of %(longest)s characters fit here."),
    _("Write a date as 2024, 2024-03 or 2024-03-15."),
    _("Write a whole number, such as 45."),
    _("Choose one of the answers offered."),
    _("Write the name of the person to call, or leave the phone and the place empty too."),
    _("Write day and time as 2024-03-15T14:30."),
    _("A text holds no control characters."),
    _("At most %(most)s entries fit here."),
    _("Somebody else has changed this form since you opened it; look at it again."),
    _("This part of the form is for those who may read contacts."),
    _("Choose at least one photo."),
    _("At most %(most)s photos fit here; add the others on the case's page."),
    _("A text contains a character that cannot be stored: delete it and type it again."),
    _("The case is closed; reopen it before you add photos."),
    _("This photo has no face to choose."),
    _(
        "The person of this record has asked not to be kept here again, so nothing was saved. "
        "If it is somebody else, open a case for them by hand, without this number."
    ),
    _("A case came from this record of the source already; change that one."),
    _("The face of this case is withdrawn already."),
    _("The face of this case is not withdrawn."),
    _("This photo is not held."),
    _("Somebody has decided about this photo already."),
    _("There is no such keep-out; it may have run out."),
    _(
        "Relatives of this person may be the danger. Until a safeguarding check is cleared nobody tells them where the person "
        "is, and nobody is handed over: a manager who does not deal with the family records the check on the page of the case."
    ),
    _(
        "Relatives of this person may be the danger: nothing of the case is shown to another station before a safeguarding "
        "check is cleared. Their own station may hand the whole case over, to bring them to a safer place."
    ),
    _(
        "Relatives of this person may be the danger, so nobody outside of their own station learns where they are. "
        "If somebody is in danger now, call the police; the station is asked by your manager."
    ),
    _("Relatives of this person may be the danger: nothing of them is published before a check is cleared."),
    _("You have recorded the safeguarding check; somebody else deals with the family."),
    _("You have set this mark yourself; a second person has to record the check."),
    _("You deal with the family of this person; somebody who does not has to record the check."),
    _("A manager records the check."),
    _("This case is not marked."),
    _("This case is marked already."),
    _("Somebody has recorded the check already."),
    _("Somebody has asked for this erasure already; it waits for a second person."),
    _("You have asked for this erasure yourself; a second person has to carry it out."),
    _("Nobody has asked for the erasure of this case."),
    _("There is neither a face nor a source by which this person could be recognised; erase without a keep-out."),
    _("Somebody else has just changed this photo; look at it again."),
    _("Somebody else has changed this case since you opened it; look at it again."),
    _("The case was changed by somebody else meanwhile. Read it again."),
    _("The pair was changed by somebody else meanwhile. Read it again."),
    _("Somebody else was faster, or this is there already."),
    _("A %(kind)s case does not end as %(outcome)s."),
    _("There is no case with this reference."),
    _("Name the other case, not this one."),
    _("You have said so already; that somebody died has to be confirmed by a second person."),
    _("You have not judged this pair yet; a change of mind comes after a judgement."),
    _("This pair has come to its end; what people think of it changes nothing any more."),
    _("This is what you have said already."),
    _("Say what brought it to light as well."),
    _("A reunion is recorded on the verified pair, with the hand-over."),
    _("Say why: the reason is kept with the case."),
    _("Say why: the reason is kept with the decision."),
    _("This case belongs to a match: revoke the match, or record the hand-over, on the pair's page."),
    _("Write down what was said."),
    _("Write when it was said as 2024-03-15 or 2024-03-15 14:30."),
    _("Somebody else has changed this clue since you opened it; look at it again."),
    _("This clue was withdrawn; write down anew what was said."),
    _("The case is closed; reopen it before you write down what was said."),
    _("What is marked has to be a part of what was said, and no two marks overlap."),
    _("There is no place with this code."),
    _("What was shown and pointed at is not rewritten; withdraw it, and ask again."),
    _("Help with the interview is for people in care."),
    _("A board shows from 2 to %(most)s different choices."),
    _("Tick what was pointed at, or say that it is none of these."),
    _("Something was pointed at, and it is none of these: only one can be."),
    _("At most %(most)s parts of a clue can be marked."),
    _("Type at least two characters: a place, a name, work, a mark."),
    _("At most %(most)s words at a time; leave out those that say least."),
    _("A case that is %(now)s cannot become %(then)s."),
    _("A pair that is %(now)s cannot become %(then)s."),
    _("Only reviewers judge pairs."),
    _("You have judged this pair already; now another person looks at it."),
    _("You opened one of these cases yourself; another person has to judge the pair."),
    _("This pair is not waiting for a judgement any more."),
    _("This pair does not wait for your judgement now."),
    _("Another reviewer is looking at this pair now."),
    _("The senior reviewer ends the dispute: the same person, or not."),
    _("The confidence runs from 1 (guessing) to 5 (certain)."),
    _("There is no component %(word)s in the checklist."),
    _("A component is similar, different or not_visible, not %(word)s."),
    _("This case belongs to another station, and nobody has let yours see it."),
    _("There is no open station of this name."),
    _("The case is at this station already."),
    _("A request runs between 1 and %(most)s days."),
    _("Say what the other station needs to see."),
    _("The same has been asked already, and waits for an answer."),
    _("This step is the other station's, or its manager's."),
    _("Somebody else has answered this request meanwhile; look at it again."),
    _("This request has run out; ask again."),
    _("The case has gone to another station meanwhile."),
    _("Grant at least one of the parts that were asked for, or reject the request."),
    _(
        "The person may be under 14: without a guardian's consent nothing is shared with another station. "
        "If they are surely older, write the age down first."
    ),
    _("A request that is %(now)s cannot become %(then)s."),
    _("A notice that is %(now_notice)s cannot become %(then_notice)s."),
    _("Somebody else has changed this notice since you opened it; look at it again."),
    _("This notice was approved as it is; take the approval back first."),
    _("You wrote this notice yourself; another person has to approve it."),
    _("A notice stands until today at least, and %(most)s days at most."),
    _("This photo cannot be shown: it was not looked at, or is held back, or is not this case's."),
    _("Only an open case has notices."),
    _("Too many posters are being drawn just now. Please try again in a minute."),
    _("Nothing can be drawn: the package pylopdf-fonts-zh-cn with the font is missing."),
    _("This case has no legal basis, so nothing of it is published. Settle that first."),
    _(
        "The person may be under 14: without a guardian's consent nothing is published. "
        "If they are surely older, write that down first, wherever the file says otherwise."
    ),
    _("The family has not agreed to a notice, as the form of the case says."),
    _("Every mark of the person is told. Keep at least one back, by which a caller can be tried."),
    _("The form of the case says by now that a mark in this notice is never told. Write it anew without it."),
    _("A number in this notice is by now that of somebody who seeks the person. Write it anew with the station's."),
    _("The face of this person is withdrawn, or the photo is held back: the notice cannot show it."),
    _("The case has no such mark."),
    _("Keep at least one mark back: whoever truly knows the person can name it."),
    _("The form of the case says that this mark is never told."),
    _("What is kept back stands in these words."),
    _("This is the number of somebody who seeks the person; a notice tells the station's."),
    _("Say why this is told: it is sensitive, and whoever approves the notice reads the reason."),
    _("This case is your own station's; there is nothing to break."),
    _("You opened this case yourself; another manager has to look at it."),
    _("Somebody has looked at this already."),
    _("One of the two persons is matched already."),
    _("Write a time as 2024-03-15T16:30."),
    _("There is no clock of this name to start for this case."),
    _("This clock runs already."),
    _("This clock has ended, or nothing has to be done for it: there is nothing to pause."),
    _("This clock is paused already."),
    _("This clock has run out; a pause cannot move it any more."),
    _("This clock is not paused."),
    _("The case itself is on hold; its clocks go on when it is open again."),
    _("Somebody else has changed this clock meanwhile; look at it again."),
    _("Somebody has taken note of this already."),
    _("This was passed on to another role; it is theirs to take note of."),
    _("Too many photos are being examined just now. Please try again in a minute."),
    _("Too many photos are being opened just now. Please try again in a minute."),
    _("The encoders were changed while this photo was being looked at. It is looked at again."),
    _("The service is shutting down. Please try again in a minute."),
    _("The service is being stopped and did not finish this. Look whether it was saved before you send it again."),
    _("The disk for photos is full, so the photo was not saved. Make room, then send it again."),
    _("Nothing may be written to the disk for photos just now. The operator has to look at it; then send it again."),
    _("The disk of the database is full, so nothing was saved. Make room, then try again."),
    _("The database may only be read just now, so nothing was saved. The operator has to look at its disk."),
    _("Saving the photo took too long. Send it again."),
    _("The eyes of this face are not known well enough to show it upright."),
    *list_words.SENTENCES,
    *seldom_sentences.SENTENCES,
    *report_words.SENTENCES,
)
"""What varies is in brackets, such as %(role)s."""

GENERAL: Final = (
    (errors.NotFound, _("There is nothing here. Perhaps the address is wrong, or it was removed.")),
    (errors.NotAllowed, _("Your role may not do this.")),
    (errors.NotSignedIn, _("Please sign in.")),
    (errors.Stale, _("Somebody else changed this meanwhile; look at it again.")),
    (errors.Claimed, _("Somebody else is at work on it now.")),
    (errors.Safeguarded, _("Relatives may be the danger. A manager who does not deal with the family records a check first.")),
    (errors.Conflict, _("Somebody else was faster, or the state no longer allows it. Look at it again.")),
    (errors.PhotoTooLarge, _("The photo is too large. Send a smaller copy or take a new one.")),
    (errors.Suppressed, _("The person asked not to be kept here again. Nothing was saved.")),
    (errors.UnreadablePhoto, _("The photo cannot be read. Send it again or take a new one.")),
    (errors.Invalid, _("Something in the form makes no sense. Please look at it again.")),
    (errors.AuditUnavailable, _("Who does what cannot be written down just now, so this was not done. Tell the operator.")),
    (errors.TooMany, _("Too much at once. Wait a while, then try once more.")),
    (errors.Unavailable, _("Not now: the service is busy. Nothing is lost; try again in a minute.")),
)
UNFORESEEN: Final = _("Something went wrong on our side. What was saved before is safe.")

THINGS: Final = {
    "case": _("case"),
    "photo": _("photo"),
    "face": _("face"),
    "pair": _("pair of cases"),
    "clue": _("clue"),
    "generation": _("generation"),
    "account": _("account"),
    "lead": _("likeness of relatives"),
    "hand-over": _("record of a hand-over"),
    "clock": _("clock"),
    "escalation": _("escalation"),
    "request": _("request"),
    "emergency": _("emergency"),
    "station": _("station"),
    "session": _("session"),
    "notice": _("notice"),
    "list": _("list"),
    "import": _("run over a list"),
    "hit": _("hit"),
    "report": _("report"),
    "sighting": _("sighting"),
}

SPEAKING: Final = ("Role", "Permission", "PairState", "CaseState", "Outcome", "kind_short", "RequestState")
"""Whose values stand in the brackets of sentences."""
OF_OTHERS: Final = {"_notice": ("NoticeState",), "_hit": ("HitState",)}
"""The same of sentences about notices and hits, by how the bracket ends: they are withdrawn and run out in other words."""


@cache
def _patterns(sentences: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """One pattern per sentence, which finds what stands in its brackets; those with the most words of their own come first."""
    bracket = re.compile(r"%\\\((\w+)\\\)s")
    in_turn = sorted(sentences, key=lambda text: -len(bracket.sub("", re.escape(text))))
    return tuple((re.compile(bracket.sub(r"(?P<\1>.+)", re.escape(text)), re.DOTALL), text) for text in in_turn)


def sentence(gettext: Callable[[str], str], error: BaseException | None) -> str:
    """The error in the reader's language: word for word where the sentence is known, else what its class means."""
    if known := problem_of(gettext, error):
        return known
    general = gettext(next((text for kind, text in GENERAL if isinstance(error, kind)), UNFORESEEN))
    return _in_their_language(gettext, str(error)) or general


def problem_of(gettext: Callable[[str], str], error: object) -> str:
    """What is wrong with a photo; empty for every other error."""
    if isinstance(error, errors.UnreadablePhoto) and error.problem in SAID["problem"]:
        return gettext(SAID["problem"][error.problem])
    return ""


def told(gettext: Callable[[str], str], text: str, sentences: tuple[str, ...] = SENTENCES) -> str:
    """A sentence that was kept, in the reader's language; as it stands where it is none of ours."""
    return _in_their_language(gettext, text, sentences) or text


def _in_their_language(gettext: Callable[[str], str], said: str, sentences: tuple[str, ...] = SENTENCES) -> str:
    """Empty where nobody has translated it."""
    for pattern, text in _patterns(sentences):
        if (found := pattern.fullmatch(said)) is not None:
            return gettext(text) % {name: _said(gettext, value, name) for name, value in found.groupdict().items()}
    return ""


def mistaken(error: BaseException | None) -> list[str]:
    """The fields that an error is about, in the order of the form."""
    if isinstance(error, errors.Incomplete):
        return list(error.mistakes)
    return [error.field] if isinstance(error, errors.Invalid) and error.field else []


def mistake(gettext: Callable[[str], str], error: BaseException | None, name: str) -> str:
    """What is wrong with one field, in the reader's language; empty where nothing is."""
    if name not in mistaken(error):
        return ""
    if isinstance(error, errors.Incomplete):
        return sentence(gettext, errors.Invalid(error.mistakes[name], name))
    return sentence(gettext, error)


def _said(gettext: Callable[[str], str], value: str, name: str) -> str:
    """A word of the domain inside a sentence, where it has a word of its own."""
    if value in THINGS:
        return gettext(THINGS[value])
    word = value.replace(" ", "_")
    tables = next((words for ending, words in OF_OTHERS.items() if name.endswith(ending)), SPEAKING)
    found = next((SAID[words][word] for words in tables if word in SAID[words]), None)
    return gettext(found) if found is not None else value
