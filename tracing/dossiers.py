"""Everything that is kept about one person, as they may take it with them: a readable document, and their photos."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from tracing.access import Permission, require
from tracing.domain import Actor, Case, PartialDate, Photo
from tracing.errors import Damaged, NotFound, Safeguarded
from tracing.ports import Clock, PhotoStore, RecordStore
from tracing.questions import asked, names_relatives
from tracing.records import Records
from tracing.safety import CLOSED
from tracing.stations.scope import own_case

EXPORTED: Final = "export_case"
OF_JUDGEMENTS: Final = ("decision_id", "pair_id", "reviewer", "features", "reason", "score_seen", "grounds")
OF_NOTICES: Final = ("token", "authors", "approved_by", "published_by", "ended_by")
OF_SIGHTINGS: Final = ("contact", "read_by", "case_id", "version")
OF_REPORTS: Final = ("draft_hash", "secret_hash", "answered_by", "typed", "version", "case_id")
WITHHELD: Final = "withheld: data of somebody else / 属于他人的信息，不予提供"
SECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "case": ("What is known of the person, and the state of the case.", "已知的个人情况和案卷状态。"),
    "source": ("The system that the record came from.", "记录来自哪个系统。"),
    "shared": (
        "Whether partner organisations are told of the person, who agreed to it, and until when.",
        "是否告知合作机构、由谁同意、到何时为止。",
    ),
    "contacts": ("Who reported or cares for the person; who that is belongs to them.", "报案人或照料人；其身份属于他们本人。"),
    "form": ("What was filled in on the form.", "登记表中填写的内容。"),
    "clues": ("What was said in interviews, in every version.", "谈话中所说的话，包括每个版本。"),
    "photos": ("The photos; the files lie beside this document.", "照片；文件与本文件放在一起。"),
    "faces": (
        "Faces found in the photos, and how many numbers were made of them by which model. The numbers stay here.",
        "照片中找到的人脸，以及各模型据此生成的特征数量。特征本身不外传。",
    ),
    "face_withdrawn": ("Whether the face may not be searched.", "人脸是否已撤回、不得比对。"),
    "pairs": (
        "Other cases that a search put beside this one; what others wrote of both is withheld.",
        "搜索中与本案并列的其他案卷；涉及他人的文字不予提供。",
    ),
    "searches": ("When the face was searched, for what, and among how many.", "何时、为何、在多少人中比对过人脸。"),
    "actions": ("What was done to find out who the person is.", "为查明身份采取的措施。"),
    "clocks": ("Time limits that ran.", "适用的法定期限。"),
    "stations": ("What stations asked of each other about the person, and emergencies.", "各站之间的请求和紧急查看。"),
    "notices": (
        "Tracing notices: what was told to the public, and why, when it stood, and how it ended.",
        "寻亲公告：公布了什么、为何公布、何时展示、如何结束。",
    ),
    "report": (
        "The family's report by the public pages: when it came, and what was agreed to. What it said is in the case.",
        "家属通过公开网页提交的报告：何时提交、同意了什么。其内容已在案卷中。",
    ),
    "sightings": (
        "What informants have seen who read a notice; whom to call belongs to them.",
        "看到公告的人提供的线索；其联系方式属于他们本人。",
    ),
    "safeguards": (
        "Whether relatives were suspected to be a danger; who said so belongs to them.",
        "是否曾怀疑亲属可能构成危险；由何人提出属于他人信息。",
    ),
    "hand_overs": ("The record of the hand-over, without who received the person.", "交接记录，不含接收人信息。"),
    "closings": ("How the case ended.", "案卷如何结束。"),
    "audit": ("Every step that was taken with these data, and every look at them.", "对这些资料的每一步操作和每一次查看。"),
}


class Dossiers:
    def __init__(self, store: RecordStore, photos: PhotoStore, clock: Clock) -> None:
        self._store = store
        self._photos = photos
        self._clock = clock

    def export(self, actor: Actor, case_id: str) -> bytes:
        """A ZIP with ``person.json``, in whose sections English and Chinese say what they are, and the photos as they came.

        For who speaks for the person: the audit keeps who made it. Names and numbers of others are withheld, and so are
        templates, which no answer holds. ``NotFound`` where the case is gone, ``Safeguarded`` while relatives may be a danger.
        """
        require(actor, Permission.ERASE)
        with self._store.transaction() as records:
            case = own_case(records, actor, case_id)
            if case.guarded:  # whoever speaks for the person may be the danger
                raise Safeguarded(CLOSED)
            photos = records.photos.of_case(case_id)
            document = self._document(records, case, photos)
            records.audit.append(actor, EXPORTED, case_id, {"photos": len(photos)})
        return self._zipped(document, photos)

    def _document(self, records: Records, case: Case, photos: list[Photo]) -> dict[str, Any]:
        sections: dict[str, Callable[[], object]] = {
            "case": lambda: _plain(case),
            "source": lambda: _plain(records.rights.source(case.case_id)),
            "shared": lambda: _plain(records.partners.share_of(case.case_id), but=("shared_by",)),
            "contacts": lambda: [{"role": each.role, "name": WITHHELD} for each in records.cases.contacts(case.case_id)],
            "form": lambda: _form(records, case),
            "clues": lambda: _clues(records, case.case_id),
            "photos": lambda: [_photo(each, number) for number, each in enumerate(photos, 1)],
            "faces": lambda: _faces(records, case.case_id),
            "face_withdrawn": lambda: _plain(records.rights.withdrawal(case.case_id), but=("withdrawn_by",)),
            "pairs": lambda: _pairs(records, case.case_id),
            "searches": lambda: _last_search(records, case.case_id),
            "actions": lambda: [_plain(each, but=("recorded_by",)) for each in records.actions.of_case(case.case_id)],
            "clocks": lambda: _clocks(records, case.case_id),
            "stations": lambda: [
                _plain(each, but=("asked_by", "answered_by")) for each in records.stations.requests_of(case.case_id)
            ],
            "notices": lambda: [_plain(each, but=OF_NOTICES) for each in records.notices.of_case(case.case_id)],
            "report": lambda: _report(records, case.case_id),
            "sightings": lambda: [
                _plain(each, but=OF_SIGHTINGS) | {"contact": WITHHELD if each.contact else ""}
                for each in records.sightings.of_case(case.case_id)
            ],
            "safeguards": lambda: [
                {"set_at": _plain(each.set_at), "cleared_at": _plain(each.cleared_at), "reason": WITHHELD}
                for each in records.safeguards.of_cases([case.case_id])
            ],
            "hand_overs": lambda: _hand_overs(records, case.case_id),
            "closings": lambda: [_plain(each) for each in records.cases.closings() if each.case_id == case.case_id],
            "audit": lambda: [
                {"at": each.at.isoformat(), "action": each.action} for each in records.audit.of_subject(case.case_id)
            ],
        }
        return {
            "made_at": self._clock().isoformat(),
            "about": {
                "en": f"Everything that is kept about {case.reference}.",
                "zh": f"关于 {case.reference} 保存的全部资料。",
            },
            "sections": {
                name: {"en": SECTIONS[name][0], "zh": SECTIONS[name][1], "data": made()} for name, made in sections.items()
            },
        }

    def _zipped(self, document: Mapping[str, Any], photos: list[Photo]) -> bytes:
        file = BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("person.json", json.dumps(document, ensure_ascii=False, indent=2))
            for number, photo in enumerate(photos, 1):
                try:
                    archive.writestr(_file_name(number), self._photos.get(photo.photo_key))
                except (NotFound, Damaged) as error:  # the rest of their data is theirs all the same
                    archive.writestr(f"{_file_name(number)}.missing.txt", str(error))
        return file.getvalue()


def _file_name(number: int) -> str:
    return f"photos/{number:02d}"


def _plain(thing: Any, but: tuple[str, ...] = ()) -> Any:
    """Dataclasses, dates and enums as JSON has them."""
    if thing is None or isinstance(thing, bool | int | float):
        return thing
    if isinstance(thing, str):
        return str(thing)
    if isinstance(thing, datetime):
        return thing.isoformat()
    if isinstance(thing, PartialDate):
        return str(thing)
    if isinstance(thing, Mapping):
        return {str(name): _plain(value) for name, value in thing.items()}
    if isinstance(thing, tuple | list | frozenset):
        return [_plain(each) for each in thing]
    return {each.name: _plain(getattr(thing, each.name)) for each in fields(thing) if each.name not in but}


def _form(records: Records, case: Case) -> dict[str, Any]:
    """Rows of the form name relatives and whom to call: those are theirs."""
    questions = asked(case.kind)
    answers = records.forms.of_case(case.case_id).answers
    of_others = {name for name, question in questions.items() if names_relatives(question)}
    return {name: WITHHELD if name in of_others else _plain(value) for name, value in answers.items()}


def _clues(records: Records, case_id: str) -> list[Any]:
    told = records.clues.of_cases([case_id]).get(case_id, [])
    kept = [version for each in told for version in records.clues.history(each.clue.clue_id)]
    names = ("version", "recorded_at", "reason", "withdrawn")
    said = ("said", "said_at", "language", "dialect")
    return [
        {name: _plain(getattr(each.clue, name)) for name in said} | {name: _plain(getattr(each, name)) for name in names}
        for each in kept
    ]


def _photo(photo: Photo, number: int) -> dict[str, Any]:
    return {"file": _file_name(number), **_plain(photo, but=("photo_id", "case_id", "photo_key", "attempts"))}


def _faces(records: Records, case_id: str) -> dict[str, Any]:
    encoders = {each.encoder_id for each in records.generations.all()}
    made = {encoder_id: len(records.faces.templates(case_id, encoder_id)) for encoder_id in sorted(encoders)}
    found = [_plain(each, but=("face_id", "photo_id")) for each in records.faces.of_case(case_id) if each.of_interest]
    return {"found": found, "templates": made}


def _pairs(records: Records, case_id: str) -> list[dict[str, Any]]:
    return [
        {
            "other": WITHHELD,
            "relation": str(pair.relation),
            "state": str(pair.state),
            "suggested_at": pair.suggested_at.isoformat(),
            "judgements": [_plain(each, but=OF_JUDGEMENTS) for each in records.pairs.decisions(pair.pair_id)],
        }
        for pair in records.pairs.of_case(case_id)
    ]


def _last_search(records: Records, case_id: str) -> dict[str, Any] | None:
    run = records.pairs.latest_run(case_id)
    return None if run is None else {**_plain(run, but=("list", "case_id")), "listed": len(run.list)}


def _clocks(records: Records, case_id: str) -> list[dict[str, Any]]:
    names = ("started_at", "due_at", "ended_at", "end")
    return [
        {"titles": _plain(each.rule.titles)} | {name: _plain(getattr(each, name)) for name in names}
        for each in records.clocks.of_case(case_id)
    ]


def _report(records: Records, case_id: str) -> Any:
    found = records.reports.of_case(case_id)
    return None if found is None else _plain(found, but=OF_REPORTS)


def _hand_overs(records: Records, case_id: str) -> list[dict[str, Any]]:
    kept = ("handed_over_on", "handed_over_time", "place", "wish", "belongings", "follow_up_on")
    found = (records.reunions.hand_over(pair.pair_id) for pair in records.pairs.of_case(case_id))
    return [{"receiver": WITHHELD} | {name: _plain(getattr(each, name)) for name in kept} for each in found if each is not None]
