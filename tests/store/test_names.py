"""Names are found by pinyin, by initials and without accents, on each database, and until the case is erased."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from tests.house import House
from tracing.bootstrap import build
from tracing.clues.lexicon.lexicon import lexicon
from tracing.clues.lexicon.name_keys import MOST_KEYS
from tracing.domain import Case, CaseKind
from tracing.folding import name_key
from tracing.records import CaseFilter
from tracing.store.records.names import VERSION

LETTERS = st.one_of(
    st.characters(codec="utf-8"),
    st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x3134F),
    st.sampled_from("王李单曾欧阳小老阿张某某先生·lv ü'’-123"),
)
"""What names are written in, rare characters that no dictionary reads among them."""


def found(house: House, typed: str) -> set[str]:
    page = house.services.casework.find(house.intake, CaseFilter(text=typed), 50)
    return {case.title for case in page.cases}


def named(house: House, *names: str) -> Case:
    return house.open(CaseKind.MISSING, names=names)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("吕布", "lyu bu"),
        ("Lyudmila", "lyud"),
        ("王建国", "wang jianguo"),
        ("王建国", "wangjianguo"),
        ("王建国", "Wang Jian-Guo"),
        ("王建国", "jianguo"),
        ("王建国", "jianguo wang"),
        ("王建国", "wjg"),
        ("王建国", "wáng jiàn guó"),
        ("王建国", "wang2 jian4 guo2"),
        ("王建国", "wang jian"),
        ("王建国", "王建国"),
        ("单田芳", "shan tianfang"),
        ("单田芳", "dan tianfang"),
        ("仇英", "qiu ying"),
        ("仇英", "chou ying"),
        ("曾国华", "zeng guohua"),
        ("解小东", "xie xiaodong"),
        ("解小东", "jie xiaodong"),
        ("长", "zhang"),
        ("长", "chang"),
        ("谌强", "chen qiang"),
        ("谌强", "shen qiang"),
        ("黑强", "he qiang"),
        ("尉迟强", "yuchi qiang"),
        ("长孙强", "zhangsun qiang"),
        ("孙长发", "sun changfa"),
        ("孙长发", "sun zhangfa"),
        ("欧阳修", "ouyang xiu"),
        ("吕丽", "lü li"),
        ("吕丽", "lv li"),
        ("吕丽", "lu li"),
        ("西安", "xi'an"),
        ("José García Núñez", "jose garcia"),
        ("José García Núñez", "nunez"),
        ("Müller", "muller"),
        ("Søren Kierkegaard", "soren"),
        ("Łukasz", "lukasz"),
        ("Aygül Tursun", "tursun aygul"),
        ("王𡤆", "wang"),
        ("𠮷田", "tian"),
        ("李\U0002edf0华", "li hua"),
        ("㐂", "㐂"),
        ("阿卜杜拉·买买提", "阿卜杜拉买买提"),
        ("阿卜杜拉·买买提", "阿卜杜拉•买"),
        ("阿卜杜拉买买提", "阿卜杜拉·买买提"),
        ("王建国", "王 建国"),
        ("王志国", "王志國"),
        ("王志國", "王志国"),
        ("王志國", "wang zhiguo"),
        ("王志国", "志國"),
        ("王志國", "志国"),
        ("單田芳", "shan tianfang"),
        ("張偉", "weizhang"),
        ("张伟", "張偉"),
        ("歐陽贇", "欧阳赟"),
        ("葉麗", "叶丽"),
    ],
)
def test_a_name_is_found_as_people_type_it(house: House, name: str, typed: str) -> None:
    named(house, name)
    named(house, "赵钱")
    assert found(house, typed) == {name}


@pytest.mark.parametrize(("name", "typed"), [("王志国", "王治國"), ("王炜", "王偉"), ("王维", "王偉"), ("郭", "國")])
def test_what_only_sounds_alike_is_not_found_by_characters_of_either_writing(house: House, name: str, typed: str) -> None:
    named(house, name)
    assert found(house, typed) == set()


@pytest.mark.parametrize("typed", ["wang jianhua", "w", "guojian", "jg wang", "xyz", "wang-003", "wang 2", "jianguo22"])
def test_what_is_no_name_of_theirs_finds_nobody(house: House, typed: str) -> None:
    named(house, "王建国")
    assert found(house, typed) == set()


@given(st.lists(st.text(LETTERS, max_size=12), max_size=3))
@example(["㐂"])
def test_whatever_a_name_is_made_of_its_keys_are_letters_and_can_be_kept(names: list[str]) -> None:
    keys = lexicon().name_keys(names)
    assert len(keys) <= MOST_KEYS
    assert all(key == key.casefold() and " " not in key and len(key) > 1 for key in keys)


def test_places_and_references_are_found_as_before(house: House) -> None:
    case = house.open(CaseKind.SHELTERED, names=("李四",), seen_place="Hefei station")
    assert found(house, "hefei") == found(house, case.reference.lower()) == {"李四"}


def test_a_name_that_is_changed_or_erased_is_not_found_any_more(any_house: House) -> None:
    house = any_house
    case = named(house, "王建国")
    assert found(house, "wjg") == {"王建国"}
    with house.services.store.transaction() as records:
        now = records.cases.get(case.case_id)
        records.cases.save(replace(now, description=replace(now.description, names=("赵敏",))))
    assert found(house, "wjg") == set()
    assert found(house, "zhao min") == {"赵敏"}
    with house.services.store.transaction() as records:
        records.cases.erase(case.case_id)
    assert keys(house) == []


def keys(house: House) -> list[Any]:
    engine = create_engine(house.services.settings.store_url)
    with engine.connect() as connection:
        rows = list(connection.execute(text("SELECT key FROM name_keys")).scalars())
    engine.dispose()
    return rows


def test_names_of_before_are_keyed_when_the_service_starts(any_house: House) -> None:
    house = any_house
    for number in range(3):
        named(house, "王建国", f"狗蛋{number}")
    before = sorted(keys(house))
    engine = create_engine(house.services.settings.store_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM name_keys"))
        connection.execute(text("UPDATE counters SET value = 0 WHERE name = 'name_keys'"))
    assert found(house, "wjg") == set()
    build(house.services.settings, clock=house.clock, examiner=house.examiner).close()
    assert sorted(keys(house)) == before
    with engine.connect() as connection:
        value = connection.execute(text("SELECT value FROM counters WHERE name = 'name_keys'")).scalar_one()
    engine.dispose()
    assert value == VERSION


def test_a_key_is_letters_alone() -> None:
    assert name_key(" Wáng  Jiàn-guó2 ") == "wangjianguo"
    assert name_key("Ｗａｎｇ") == "wang"
    assert name_key("Straße Æsir") == "strasseaesir"
    assert name_key("123 -") == ""
    assert name_key("王 志國") == "王志国"
