"""Where lines of texts on paper and in pictures end."""

from __future__ import annotations

import pytest

from api.breaking import broken


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("他穿着蓝色棉袄，黑裤子，走路很慢", ["他穿着蓝色棉", "袄，黑裤子，", "走路很慢"]),
        ("a man in a blue coat", ["a man", "in a", "blue", "coat"]),
        ("阿卜杜热·买买提·库尔", ["阿卜杜热·", "买买提·库尔"]),
        ("阿卜杜热合曼·买买提", ["阿卜杜热合", "曼·买买提"]),
        ("说是阿卜杜·买买提", ["说是阿卜杜·", "买买提"]),
        ("疤 · 痣", ["疤 · 痣"]),
        ("https://x.cn", ["https:", "//x.cn"]),
    ],
)
def test_a_line_ends_where_one_who_reads_would_pause(text: str, lines: list[str]) -> None:
    assert [line.rstrip() for line in broken(text, 6, len)] == lines


def test_what_is_wider_than_a_line_is_cut_all_the_same() -> None:
    assert broken("阿·买", 0.5, len) == ["阿", "·", "买", ""]
