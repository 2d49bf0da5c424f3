"""What a notice says of somebody, as each language says it."""

from __future__ import annotations

import pytest

from api.notices.telling import Telling
from tracing.domain import CaseKind, NoticeWords


@pytest.mark.parametrize(
    ("least", "most", "known", "english", "chinese"),
    [
        (1, 1, True, "1 year", "1 岁"),
        (1, 1, False, "about 1 year", "约 1 岁"),
        (0, 0, True, "0 years", "0 岁"),
        (67, 67, True, "67 years", "67 岁"),
        (1, None, False, "1 year or older", "1 岁以上"),
        (None, 1, False, "at most 1 year", "不超过 1 岁"),
        (1, 2, True, "1 to 2 years", "1 至 2 岁"),
        (60, 70, False, "about 60 to 70 years", "约 60 至 70 岁"),
        (None, None, False, "", ""),
    ],
)
def test_an_age_is_said_as_the_language_counts(
    least: int | None, most: int | None, known: bool, english: str, chinese: str
) -> None:
    told = NoticeWords(age_min=least, age_max=most, age_known=known)
    assert Telling("en", CaseKind.MISSING).age(told) == english
    assert Telling("zh_CN", CaseKind.MISSING).age(told) == chinese
