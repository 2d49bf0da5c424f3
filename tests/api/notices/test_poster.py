"""The poster: one page of A4, whatever a notice says, in both scripts, with a code that leads where it should."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pypdfium2
import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from api import fonts
from api.notices import poster as drawing
from api.notices.poster import BODY, CODE, HIGH, MARGIN, WIDE, Sheet, poster
from tests.factories import NOON
from tracing.domain import CaseKind, NoticeMark, NoticeWords, PartialDate, Sex
from tracing.errors import Unavailable
from tracing.notices.drafting import LONGEST, MOST_MARKS
from tracing.notices.published import PublicNotice

WORDS = NoticeWords(
    name="王建国",
    sex=Sex.MALE,
    age_min=60,
    age_max=70,
    height_cm=168,
    build="thin",
    hair="花白短发",
    marks=(NoticeMark(text="左眉有一道疤"), NoticeMark("", "tattoo", "左臂", "left", "一条龙")),
    clothing="蓝色棉外套、黑布鞋",
    seen_at=PartialDate(2026, 2, 27),
    seen_place="合肥站北广场",
)
ADDRESS = "https://find.example/n/eYj7ZarYDXjyXEJAQ2LHnQ"
LETTERS = "王小明在车站，说话。“颍上”（二姐）Aa W0- "


def a(**changes: Any) -> PublicNotice:
    values = {"station": "合肥市救助管理站", "contact": "0551-6299 8000", "words": WORDS, "kind": CaseKind.SHELTERED} | changes
    return PublicNotice(token="t", number=1, shown=frozenset(), published_at=NOON, expires_at=NOON, photo=None, **values)


def a_jpeg(wide: int = 400, high: int = 500, colour: tuple[int, int, int] = (120, 90, 70)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (wide, high), colour).save(file, "JPEG")
    return file.getvalue()


def a_sheet(**changes: Any) -> Sheet:
    return Sheet(**{"language": "zh_CN", "made_at": NOON, "address": ADDRESS, "until": "2026年3月31日"} | changes)


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        (page,) = list(document)
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
        return "".join(str(page.get_textpage().get_text_bounded()).split())


def seen(pdf: bytes, scale: float = 4.0) -> Image.Image:
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=scale).to_pil().convert("L")


def test_it_tells_everything_that_the_notice_tells_in_chinese_and_in_english() -> None:
    chinese = text_of(poster(a(), a_jpeg(), a_sheet()))
    for told in (
        "寻亲公告",
        "您认识这个人吗",
        "王建国",
        "约60至70岁",
        "约168厘米",
        "左臂：文身（一条龙）",
        "2026年2月27日",
        "0551-62998000",
    ):
        assert told in chinese, told
    english = text_of(poster(a(kind=CaseKind.MISSING), None, a_sheet(language="en", until="March 31, 2026")))
    for told in ("Personmissing", "Whohasseenthisperson?", "about60to70years", "Lastseenat", "February27,2026", "March31,2026"):
        assert told in english, told


def test_somebody_whose_name_nobody_knows_is_told_to_have_none() -> None:
    assert "无名氏" in text_of(poster(a(words=replace(WORDS, name="")), None, a_sheet()))


def test_its_code_leads_to_the_notice() -> None:
    """Read from the page as a camera sees it, module by module."""
    pdf = poster(a(), a_jpeg(), a_sheet())
    picture = seen(pdf)
    matrix = [list(row) for row in segno.make(ADDRESS, error="m", micro=False).matrix]
    point = 4.0 * 72 / 25.4  # pixels of a millimetre
    module = CODE / (len(matrix) + 8)
    left, top = WIDE - MARGIN - CODE, HIGH - drawing.FOOT - drawing.CALL - drawing.GAP / 2 + 5
    for y, row in enumerate(matrix):
        for x, dark in enumerate(row):
            where = ((left + (4.5 + x) * module) * point, (top + (4.5 + y) * module) * point)
            assert (picture.getpixel((int(where[0]), int(where[1]))) < 128) == bool(dark), (x, y)
    quiet = [picture.getpixel((int((left + step * module) * point), int((top + 2 * module) * point))) for step in range(1, 30)]
    assert min(quiet) > 240, "the quiet zone that a code needs"


def test_without_an_address_it_says_so_and_has_no_code() -> None:
    told = text_of(poster(a(), None, a_sheet(address="")))
    assert "没有二维码：尚未设置公众页面的网址" in told
    assert "扫码" not in told
    assert "扫码" in text_of(poster(a(), None, a_sheet()))


def test_what_is_not_published_says_so_across_the_page() -> None:
    assert "未发布" in text_of(poster(a(), a_jpeg(), a_sheet(draft="未发布")))
    assert "未发布" not in text_of(poster(a(), a_jpeg(), a_sheet()))


def texts(longest: int) -> st.SearchStrategy[str]:
    return st.text(LETTERS, max_size=longest).map(lambda text: " ".join(text.split())) | st.sampled_from(
        ["", "长" * longest, "W" * longest, ("words " * longest)[:longest].strip()]
    )


@pytest.mark.long
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.data(), st.sampled_from(["zh_CN", "en"]), st.sampled_from([(0, 0), (400, 500), (1600, 900), (300, 3000), (3000, 300)])
)
def test_whatever_a_notice_may_say_fits_on_its_page(data: st.DataObject, language: str, size: tuple[int, int]) -> None:
    drawn = {name: data.draw(texts(longest), label=name) for name, longest in LONGEST.items() if name != "marks"}
    marks = data.draw(st.lists(texts(LONGEST["marks"] // MOST_MARKS), max_size=MOST_MARKS))
    told = {name: drawn[name] for name in ("name", "hair", "clothing", "seen_place", "health", "intellect", "mind")}
    words = replace(WORDS, **told, marks=tuple(NoticeMark(text=text) for text in marks if text))
    notice = a(words=words, station=drawn["station"] or "x", contact=drawn["contact"] or "x")
    jpeg = a_jpeg(*size) if size[0] else None
    with drawing._Poster(notice, jpeg, a_sheet(language=language)) as made:
        lines = made._telling.lines(words)
        ends: list[float] = []
        draw = made._words
        made._words = lambda *given, **named: ends.append(draw(*given, **named)) or ends[-1]  # type: ignore[method-assign]
        made.draw()
        assert ends[-1] - (drawing.BAND + drawing.GAP) <= BODY + drawing.GAP, lines
        assert made.page == 1
        assert made.lowest <= HIGH - drawing.FOOT, "the box below holds what it says"


def test_a_photo_keeps_its_shape_and_stays_on_the_page() -> None:
    for size in ((400, 500), (1600, 900), (300, 3000), (3000, 300)):
        with drawing._Poster(a(), a_jpeg(*size), a_sheet()) as made:
            for share in drawing.PHOTOS:
                wide, high = made._photo_size(share, made._shape())
                assert high / wide == pytest.approx(size[1] / size[0], rel=0.01)
                assert 0 < wide <= drawing.INNER
                assert 0 < high <= drawing.PHOTO_HEIGHT


def test_a_character_that_the_font_lacks_is_a_mark_and_no_fault() -> None:
    assert fonts.MISSING in text_of(poster(a(words=replace(WORDS, name="𠮷野 😀")), None, a_sheet()))


def test_a_name_in_letters_that_the_font_lacks_is_one_mark_and_no_row_of_them() -> None:
    assert fonts.drawable("买买提·艾力 مۇھەممەت تۇرسۇن") == f"买买提·艾力 {fonts.MISSING}"
    assert fonts.drawable("王𡤆𡤆") == f"王{fonts.MISSING * 2}"


def test_it_needs_no_font_of_the_system_and_says_which_package_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PACKAGE", "no_such_package_of_fonts")
    fonts.font_file.cache_clear()
    try:
        with pytest.raises(Unavailable, match="pylopdf-fonts-zh-cn"):
            poster(a(), None, a_sheet())
    finally:
        fonts.font_file.cache_clear()


def test_the_same_poster_is_the_same_to_the_byte() -> None:
    assert poster(a(), a_jpeg(), a_sheet()) == poster(a(), a_jpeg(), a_sheet())
