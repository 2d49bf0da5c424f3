"""Paper: Chinese and Latin lines that fit, pages that do not tear apart what belongs together, and characters no font has."""

from __future__ import annotations

from collections.abc import Iterator

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.fonts import MISSING
from api.staff.paper import WIDTH, Paper
from api.staff.printed import Printed
from tests.factories import NOON

PRINTED = Printed(NOON, "printed")
CLOSING = tuple("，。、；：？！）》”’」』·")


@pytest.fixture(scope="module")
def paper() -> Iterator[Paper]:
    with Paper("A title", "S-2026-00042", "zh-CN", PRINTED) as made:
        yield made


def text_of(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


@settings(max_examples=150)
@given(
    text=st.text(st.sampled_from("王小明在车站，说话。“颍上”（二姐） abc defghij \nx"), max_size=120),
    width=st.integers(12, 178),
)
def test_every_line_fits_and_nothing_is_lost(paper: Paper, text: str, width: int) -> None:
    paper.set_font("NotoSansSC", size=10.5)
    lines = paper._lines(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(paper.get_string_width(line.rstrip()) <= width for line in lines)


@pytest.mark.parametrize("width", range(20, 120, 7))
def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one(paper: Paper, width: int) -> None:
    paper.set_font("NotoSansSC", size=10.5)
    said = "夜间在候车室被发现，说话含糊，反复提到“颍上”和（二姐）。穿蓝色外套、黑布鞋；问：“家在哪里？”答：“河边。”"
    lines = paper._lines(said, width)
    assert not any(line.startswith(CLOSING) for line in lines)
    assert not any(line.rstrip().endswith(tuple("“（")) for line in lines)


def test_a_long_word_is_cut_where_the_line_ends(paper: Paper) -> None:
    paper.set_font("NotoSansSC", size=10.5)
    lines = paper._lines("see " + "x" * 400, 60)
    assert len(lines) > 5
    assert all(paper.get_string_width(line) <= 60 for line in lines)


def test_a_character_without_a_glyph_is_marked_and_named() -> None:
    with Paper("𠮷野", "", "zh-CN", PRINTED) as made:
        made.text("Name", "𠮷野 and 😀")
        (page,) = text_of(made.finished("By hand:"))
        assert f"{MISSING}野" in page
        assert "U+20BB7" in page
        assert "U+1F600" in page
    with Paper("王", "", "zh-CN", PRINTED) as plain:
        assert "By hand" not in text_of(plain.finished("By hand:"))[0]


def test_a_heading_is_never_alone_at_the_foot_of_a_page() -> None:
    with Paper("t", "head", "en", PRINTED) as made:
        for number in range(40):
            made.heading(f"Heading {number}")
            made.choices("Question", [("yes", True), ("no", False)])
        pages = text_of(made.finished(""))
        assert len(pages) > 1
        for number, page in enumerate(pages, start=1):
            assert f"{number} / {len(pages)}" in page
            lines = [line.strip() for line in page.splitlines() if line.strip()]
            assert not lines[-2].startswith("Heading")


def test_a_table_goes_on_over_the_page_and_the_text_beside_a_portrait_keeps_clear_of_it(paper: Paper) -> None:
    with Paper("t", "", "en", PRINTED) as made:
        made.rows("Things", ["Thing", "Note"], [[f"thing {number}", "x" * 90] for number in range(60)])
        pages = text_of(made.finished(""))
        assert len(pages) > 1
        assert "thing 59" in pages[-1]
        assert paper.portrait(PORTRAIT) < WIDTH


def test_a_heading_goes_to_the_next_page_with_a_value_that_does_not_fit_below_it() -> None:
    with Paper("t", "", "zh-CN", PRINTED) as made:
        made.ln(205)
        made.heading("Control question")
        made.fields([("Question", "很长的回答，" * 20), ("Answer", "短")])
        first, second = text_of(made.finished(""))
        assert "Control question" not in first
        assert second.index("Control question") < second.index("很长的回答")


def test_a_value_longer_than_a_page_goes_on_over_it_across_the_whole_width_and_loses_nothing() -> None:
    with Paper("t", "", "zh-CN", PRINTED) as made:
        made.fields([("Receiver", "名" * 2000), ("Relation", "女儿")])
        made.fields([("Place", "车站")])
        pages = text_of(made.finished(""))
        assert "".join(pages).count("名") == 2000
        assert len(pages) == 2
        assert "\n".join(pages).index("Relation") < "\n".join(pages).index("Place")


def test_a_table_repeats_its_titles_on_every_page() -> None:
    with Paper("t", "", "en", PRINTED) as made:
        made.rows("Things", ["Thing", "Kept where"], [[f"thing {number}", "cupboard"] for number in range(60)])
        pages = text_of(made.finished(""))
        assert len(pages) > 1
        assert all("Kept where" in page for page in pages)


def test_a_whole_script_without_glyphs_is_told_in_one_line() -> None:
    with Paper("t", "", "en", PRINTED) as made:
        made.text("Name", "ئابدۇرېشىت مەمەتىمىن ᠪᠠᠲᠤ བསྟན")
        (page,) = text_of(made.finished("By hand:"))
        assert page.count(MISSING) == 2, "in place of the name, and where it says what to write there"
        assert page.count("U+") == 12
        assert "…" in page


def test_four_sign_two_beside_each_other() -> None:
    with Paper("t", "", "en", PRINTED) as made:
        made.signatures(["Receiver", "Handed over by", "Witness", "The person"])
        (page,) = text_of(made.finished(""))
        lines = [line.strip() for line in page.splitlines()]
        assert any("Receiver" in line and "Handed over by" in line and "Witness" not in line for line in lines)


PORTRAIT = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c63f8cfc0000003010100c9fe92ef0000000049454e44ae426082"
)
"""A red PNG of one pixel."""
