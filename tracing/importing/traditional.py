"""Words of lists in traditional characters, as the simplified ones that are known: headings, sexes, ages. Never names."""

from __future__ import annotations

from typing import Final

_TRADITIONAL: Final = (
    "編號記錄員尋親檔統類別蹤稱暱綽齡歲計約證碼語說話長體徵標顯飾裝時間離進發現後見聯繫絡"
    "報丟經過況簡備註詳細屬監護機電戶點圖總審負責辦無餘來狀關係處"
)
_SIMPLIFIED: Final = (
    "编号记录员寻亲档统类别踪称昵绰龄岁计约证码语说话长体征标显饰装时间离进发现后见联系络"
    "报丢经过况简备注详细属监护机电户点图总审负责办无余来状关系处"
)
_TABLE: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    return text.translate(_TABLE)
