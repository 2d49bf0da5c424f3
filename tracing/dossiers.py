"""Everything that is kept about one person, as they may take it with them: a readable document, and their photos."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final

from tracing import withheld
from tracing.access import Permission, require
from tracing.domain import Actor, Case, Photo
from tracing.errors import Damaged, NotFound, Safeguarded
from tracing.ports import Clock, PhotoStore, RecordStore
from tracing.records import Records
from tracing.safety import CLOSED
from tracing.stations.scope import own_case

EXPORTED: Final = "export_case"
SECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "case": ("What is known of the person, and the state of the case.", "已知的个人情况和个案状态。"),
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
        "搜索中与本案并列的其他个案；涉及他人的文字不予提供。",
    ),
    "searches": (
        "Each time that the face was searched, for what, and among how many.",
        "每次何时、为何、在多少人中比对过人脸。",
    ),
    "actions": ("What was done to find out who the person is.", "为查明身份采取的措施。"),
    "clocks": ("Time limits that ran.", "适用的法定期限。"),
    "stations": ("What stations asked of each other about the person, and emergencies.", "各站之间的请求和紧急查看。"),
    "notices": (
        "Tracing notices: what was told to the public, and why, when it stood, and how it ended.",
        "寻亲公告：公布了什么、为何公布、何时展示、如何结束。",
    ),
    "report": (
        "The family's report by the public pages: when it came, and what was agreed to. What it said is in the case.",
        "家属通过公开网页提交的报告：何时提交、同意了什么。其内容已在个案中。",
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
    "approvals": (
        "That somebody said the person had died, until a second one has said so; why belongs to them.",
        "有人认定此人已去世、尚待第二人确认；理由属于他们本人。",
    ),
    "closings": ("How the case ended, each time.", "个案每次如何结束。"),
    "erasure": ("That somebody asked for all of this to be erased.", "是否有人申请删除全部资料。"),
    "lists": (
        "That a list of another department held a record that looked alike; who that is belongs to them.",
        "其他部门的名单中是否有相似的记录；对方是谁属于他人信息。",
    ),
    "partners": (
        "Whether the record is a partner organisation's, and which notes came with it; their words are among the clues.",
        "记录是否来自合作机构、收到了哪些相关通报；其内容列在线索中。",
    ),
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
            "case": lambda: withheld.plain(case, but=("opened_by",)),
            "source": lambda: withheld.plain(records.rights.source(case.case_id), but=("identity",)),
            "shared": lambda: withheld.plain(records.partners.share_of(case.case_id), but=("shared_by",)),
            "contacts": lambda: [
                {"role": each.role, "name": withheld.WITHHELD} for each in records.cases.contacts(case.case_id)
            ],
            "form": lambda: withheld.form(records, case),
            "clues": lambda: withheld.clues(records, case.case_id),
            "photos": lambda: [withheld.photo(records, each, number) for number, each in enumerate(photos, 1)],
            "faces": lambda: withheld.faces(records, case.case_id),
            "face_withdrawn": lambda: withheld.plain(records.rights.withdrawal(case.case_id), but=("withdrawn_by",)),
            "pairs": lambda: withheld.pairs(records, case.case_id),
            "searches": lambda: withheld.searches(records, case.case_id),
            "actions": lambda: [withheld.plain(each, but=("recorded_by",)) for each in records.actions.of_case(case.case_id)],
            "clocks": lambda: withheld.clocks(records, case.case_id),
            "stations": lambda: withheld.stations(records, case.case_id),
            "notices": lambda: [
                withheld.plain(each, but=withheld.OF_NOTICES) for each in records.notices.of_case(case.case_id)
            ],
            "report": lambda: withheld.report(records, case.case_id),
            "sightings": lambda: withheld.sightings(records, case.case_id),
            "safeguards": lambda: [
                {
                    "set_at": withheld.plain(each.set_at),
                    "cleared_at": withheld.plain(each.cleared_at),
                    "reason": withheld.WITHHELD,
                }
                for each in records.safeguards.of_cases([case.case_id])
            ],
            "hand_overs": lambda: withheld.hand_overs(records, case.case_id),
            "approvals": lambda: [
                {"outcome": str(each.outcome), "given_at": withheld.plain(each.given_at), "reason": withheld.WITHHELD}
                for each in records.cases.approvals(case.case_id)
            ],
            "closings": lambda: withheld.closings(records, case.case_id),
            "erasure": lambda: withheld.plain(records.rights.erasure_asked(case.case_id), but=("case_id", "asked_by")),
            "lists": lambda: withheld.lists(records, case.case_id),
            "partners": lambda: withheld.partners(records, case.case_id),
            "audit": lambda: withheld.audit(records, case.case_id),
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
                    archive.writestr(withheld.file_name(number), self._photos.get(photo.photo_key))
                except (NotFound, Damaged) as error:  # the rest of their data is theirs all the same
                    archive.writestr(f"{withheld.file_name(number)}.missing.txt", str(error))
        return file.getvalue()
