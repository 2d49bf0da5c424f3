"""PFIF: a round trip of everything it can say, what older versions said, and what is refused, by name."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracing.errors import Invalid
from tracing.exchange.pfif import reading
from tracing.exchange.pfif.layout import NAMESPACE, NOTE, PERSON
from tracing.exchange.pfif.reading import Skipped, read
from tracing.exchange.pfif.records import UNKNOWN_NAME, NoteRecord, PersonRecord, one_sided
from tracing.exchange.pfif.writing import feed, write

THEN: Final = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
LATER: Final = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)
NOTED: Final = NoteRecord(
    note_record_id="shelter.example.org/note.1",
    person_record_id="shelter.example.org/person.1",
    linked_person_record_id="police.example.cn/7",
    entry_date=LATER,
    author_name="救助站",
    author_email="desk@shelter.example.org",
    author_phone="+86 10 5550 0100",
    source_date=THEN,
    author_made_contact=True,
    status="believed_alive",
    email_of_found_person="found@example.org",
    phone_of_found_person="+86 10 5550 0101",
    last_known_location="安徽省阜阳市",
    text="He says that he comes from <Fuyang> & misses his mother.",
    photo_url="https://shelter.example.org/photos/2",
)
FULL: Final = PersonRecord(
    person_record_id="shelter.example.org/person.1",
    entry_date=LATER,
    expiry_date=datetime(2027, 3, 1, tzinfo=UTC),
    author_name="林",
    author_email="lin@shelter.example.org",
    author_phone="+86 10 5550 0102",
    source_name="第一救助站",
    source_date=THEN,
    source_url="https://shelter.example.org/people/1",
    full_name="王建国\n王建军",
    given_name="建国",
    family_name="王",
    alternate_names="小国\nWang Jianguo",
    description="about sixty, a scar above the left eye\nspeaks with a southern accent",
    sex="male",
    date_of_birth="1966-02",
    age="58-62",
    home_street="解放路1号",
    home_neighborhood="颍州区",
    home_city="阜阳",
    home_state="AH",
    home_postal_code="236000",
    home_country="CN",
    photo_url="https://shelter.example.org/photos/1",
    profile_urls="https://shelter.example.org/a\nhttps://shelter.example.org/b",
    notes=(NOTED,),
)


def a_file(*records: str, version: str = "1.4", before: str = "") -> bytes:
    inside = "".join(records)
    return f'{before}<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/{version}">{inside}</pfif:pfif>'.encode()


def a_record(kind: str, **said: str) -> str:
    inner = said.pop("inner", "")
    inside = "".join(f"<pfif:{name}>{text}</pfif:{name}>" for name, text in said.items())
    return f"<pfif:{kind}>{inside}{inner}</pfif:{kind}>"


def a_person(number: int = 1, **said: str) -> str:
    given = {
        "person_record_id": f"police.example.cn/{number}",
        "source_date": "2026-03-01T08:30:00Z",
        "full_name": "王建国",
    }
    return a_record("person", **given | said)


def a_note(number: int = 1, **said: str) -> str:
    given = {
        "note_record_id": f"police.example.cn/note.{number}",
        "author_name": "police",
        "source_date": "2026-03-02T08:30:00Z",
        "text": "seen",
    }
    return a_record("note", **given | said)


def test_a_full_example_of_our_own_goes_out_and_comes_back_the_same() -> None:
    for record, names, inner in ((FULL, PERSON, {"notes", "remarks"}), (NOTED, NOTE, set())):
        assert {each.name for each in fields(record)} - inner == set(names), "the example holds every field there is"
        assert all(getattr(record, name) for name in names)
    back = read(write([FULL]))
    assert back.persons == (FULL,)
    assert back.skipped == back.notes == ()
    assert back.version == "1.4"
    assert back.persons[0].remarks == ()


def test_fields_stand_in_the_order_of_the_specification_and_empty_ones_not_at_all() -> None:
    little = PersonRecord("a.example/1", THEN, "王建国", sex="male")
    root = ElementTree.fromstring(write([FULL, little]))  # noqa: S314  our own bytes
    full, small = (
        [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in person] for person in root.findall(f"{{{NAMESPACE}}}person")
    )
    assert full == [*PERSON, "note"]
    assert small == ["person_record_id", "source_date", "full_name", "sex"]


def test_a_placeholder_goes_out_with_four_fields_whatever_it_still_held() -> None:
    expired = replace(FULL, full_name="", notes=())
    text = write([expired]).decode()
    assert "阜阳" not in text
    (back,) = read(text.encode()).persons
    assert back.placeholder
    assert back.expired(datetime(2027, 3, 1, tzinfo=UTC))
    assert not back.expired(datetime(2027, 2, 28, tzinfo=UTC))
    assert (back.person_record_id, back.expiry_date, back.names) == (FULL.person_record_id, FULL.expiry_date, ())


def test_the_feed_tells_each_record_as_an_entry() -> None:
    address = "https://shelter.example.org/feeds/person?skip=0&max_results=10"
    text = feed([FULL], feed_id="https://shelter.example.org/feeds", title="第一救助站", address=address, updated=LATER)
    root = ElementTree.fromstring(text)  # noqa: S314  our own bytes
    atom = "{http://www.w3.org/2005/Atom}"
    link = root.find(f"{atom}link")
    assert link is not None
    assert link.attrib == {"rel": "self", "href": address}
    entry = root.find(f"{atom}entry")
    assert entry is not None
    assert entry.findtext(f"{atom}id") == "pfif:shelter.example.org/person.1"
    assert entry.findtext(f"{atom}title") == "王建国"
    assert entry.findtext(f"{atom}updated") == "2026-03-01T08:30:00Z"
    person = entry.find(f"{{{NAMESPACE}}}person")
    assert person is not None
    assert person.find(f"{{{NAMESPACE}}}note") is not None
    without = feed([FULL], feed_id="x", title="x", address=address, updated=LATER, with_notes=False)
    assert b":note" not in without


@pytest.mark.parametrize(
    ("version", "said", "meant"),
    [
        ("1.1", {"first_name": "建国", "last_name": "王"}, {"full_name": "王建国", "given_name": "建国", "family_name": "王"}),
        ("1.2", {"first_name": "Anna", "last_name": "Berg"}, {"full_name": "Anna Berg"}),
        ("1.2", {}, {"full_name": UNKNOWN_NAME}),
        ("1.1", {"other": "description:\n    tall"}, {"description": "tall"}),
        ("1.1", {"home_zip": "236000"}, {"home_postal_code": "236000"}),
        ("1.3", {"full_name": "王建国", "last_name": "王"}, {"full_name": "王建国", "family_name": "王"}),
    ],
)
def test_an_older_version_is_understood(version: str, said: dict[str, str], meant: dict[str, str]) -> None:
    person = {"person_record_id": "police.example.cn/1", "source_date": "2010-01-01T00:00:00Z"}
    found = read(a_file(a_record("person", **person | said), version=version))
    assert found.version == version
    assert {name: getattr(found.persons[0], name) for name in meant} == meant


def test_in_an_older_note_found_is_that_contact_was_made() -> None:
    found = read(a_file(a_person(inner=a_note(found="true")), version="1.2"))
    assert found.persons[0].notes[0].author_made_contact is True


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]>',
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        f'<!DOCTYPE x [<!ENTITY a "{"ha" * 50_000}">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
        "<!DOCTYPE pfif>",
    ],
    ids=[
        "external entity",
        "parameter entity",
        "billion laughs",
        "quadratic blow-up",
        "external document type",
        "document type",
    ],
)
def test_entities_and_document_types_are_refused(bomb: str) -> None:
    with pytest.raises(Invalid, match="declares a document type or entities"):
        read(a_file(a_person(full_name="&a;"), before=bomb))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not well-formed"),
        (b"<pfif:pfif", "not well-formed"),
        (b"<html/>", "no PFIF"),
        (b'<pfif xmlns="http://zesty.ca/pfif/1.5"/>', "no PFIF"),
        (b'<person xmlns="http://zesty.ca/pfif/1.4"/>', "no PFIF"),
        ("<a>王</a>".encode("gb18030"), "not UTF-8"),
        (a_file(a_person()).decode().encode("utf-16"), "not UTF-8"),
        (a_file(a_person()).replace(b"</pfif:pfif>", b"</pfif:person>"), "not well-formed"),
        (b"<a>" * 100_000, "no PFIF"),
        (b'<pfif xmlns="http://zesty.ca/pfif/1.4">' + b"<a>" * 100_000, "elements in elements"),
        (b'<pfif xmlns="http://zesty.ca/pfif/1.4"><person>' + b"<a/>" * 100_000, "very many"),
        (b'<pfif xmlns="http://zesty.ca/pfif/1.4"><person>' + b"<note>" * 9, "elements in elements"),
        (a_file(a_person())[:-12], "not well-formed"),
    ],
)
def test_what_is_no_pfif_is_refused_and_told(data: bytes, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read(data)


def test_a_file_beyond_the_limit_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_BYTES", 100)
    with pytest.raises(Invalid, match="parts"):
        read(a_file(a_person()))


def test_a_hundred_megabytes_are_refused_before_anything_is_read() -> None:
    with pytest.raises(Invalid, match="larger than 64 MiB"):
        read(b"<" * (100 << 20))


def test_a_file_of_very_many_records_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_RECORDS", 3)
    assert len(read(a_file(*map(a_person, range(3)))).persons) == 3
    with pytest.raises(Invalid, match="more than 3 records"):
        read(a_file(*map(a_person, range(4))))


def test_a_bomb_of_empty_elements_costs_no_memory() -> None:
    """Twelve million elements would be gigabytes: the first few thousand tell."""
    bomb = b'<pfif xmlns="http://zesty.ca/pfif/1.4"><person>' + b"<a/>" * (12 << 20)
    tracemalloc.start()
    with pytest.raises(Invalid, match="very many"):
        read(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * len(bomb), "a few copies of the text, and no tree"


def test_an_encoding_that_the_file_claims_and_has_not_is_not_believed() -> None:
    (person,) = read(a_file(a_person(), before='<?xml version="1.0" encoding="gb18030"?>')).persons
    assert person.full_name == "王建国"


@pytest.mark.parametrize("text", ["1966", "1966-02", "1966-02-03"])
def test_partial_dates_are_kept_as_they_are_written(text: str) -> None:
    (person,) = read(a_file(a_person(date_of_birth=text))).persons
    assert person.date_of_birth == text


def test_a_file_without_a_record_is_read() -> None:
    found = read(a_file(version="1.3"))
    assert (found.version, found.parsed) == ("1.3", 0)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (a_person(2, source_date="yesterday"), "source_date"),
        (a_person(2, source_date=""), "source_date"),
        (a_person(2, expiry_date="soon"), "expiry_date"),
        (a_person(1), "earlier in the file"),
        (a_person(2, inner="<pfif:sex>male</pfif:sex><pfif:sex>female</pfif:sex>"), "twice"),
        (a_record("person", full_name="nobody", source_date="2026-03-01T08:30:00Z"), "person_record_id"),
        (a_person(2, person_record_id="no slash"), "domain/local"),
        (a_person(2, person_record_id="elsewhere.example/1"), "not of police.example.cn"),
        (a_note(2), "needs the person_record_id"),
        (a_note(2, person_record_id="police.example.cn/1", source_date=""), "source_date"),
        (a_note(2, note_record_id="elsewhere.example/n", person_record_id="police.example.cn/1"), "not of police.example.cn"),
    ],
)
def test_one_bad_record_costs_no_other(bad: str, why: str) -> None:
    found = read(a_file(a_person(1), bad, a_person(3)), "police.example.cn")
    assert [person.person_record_id for person in found.persons] == ["police.example.cn/1", "police.example.cn/3"]
    (skipped,) = found.skipped
    assert why in skipped.error
    assert found.parsed == 3


def test_a_bad_note_does_not_cost_the_person() -> None:
    found = read(a_file(a_person(1, inner=a_note(person_record_id="police.example.cn/2") + a_note(2))))
    assert [note.note_record_id for note in found.persons[0].notes] == ["police.example.cn/note.2"]
    assert found.skipped == (
        Skipped(
            "police.example.cn/note.1", "the note is about police.example.cn/2, and stands in the record of police.example.cn/1"
        ),
    )


def test_words_behind_a_tag_that_nobody_escaped_are_not_lost() -> None:
    found = read(a_file(a_person(description="tall<br/>scar on the <b>left</b> hand", inner=a_note(text="<p>seen</p> today"))))
    assert found.persons[0].description == "tallscar on the left hand"
    assert found.persons[0].notes[0].text == "seen today"


def test_a_record_of_another_namespace_than_its_file_is_named() -> None:
    other = a_person(2).replace("pfif:", "old:").replace("<old:person>", '<old:person xmlns:old="http://zesty.ca/pfif/1.3">')
    found = read(a_file(a_person(1), other))
    assert [person.person_record_id for person in found.persons] == ["police.example.cn/1"]
    (skipped,) = found.skipped
    assert "another namespace" in skipped.error
    assert found.parsed == 2


def test_a_domain_is_the_same_in_capital_letters() -> None:
    shouted = a_person(1, person_record_id="POLICE.Example.cn/Person.1")
    found = read(a_file(shouted, a_note(1, person_record_id="police.example.CN/Person.1")), "police.example.cn")
    (person,) = found.persons
    assert person.person_record_id == "police.example.cn/Person.1"
    assert len(person.notes) == 1


def test_a_note_by_itself_goes_to_its_person_or_stays_by_itself() -> None:
    found = read(
        a_file(
            a_note(1, person_record_id="police.example.cn/1"),
            a_note(2, person_record_id="elsewhere.example/9"),
            a_person(1),
        )
    )
    assert [note.note_record_id for note in found.persons[0].notes] == ["police.example.cn/note.1"]
    assert [note.person_record_id for note in found.notes] == ["elsewhere.example/9"]


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize(
    ("dates", "why"), [(("02", "09"), "stands later"), (("09", "02"), "stands earlier"), (("09", "09"), "stands earlier")]
)
def test_of_notes_with_one_id_the_latest_one_counts_wherever_it_stands(inside: bool, dates: tuple[str, str], why: str) -> None:
    about = {} if inside else {"person_record_id": "police.example.cn/1"}
    notes = "".join(a_note(text=f"of {day}", source_date=f"2026-03-{day}T08:30:00Z", **about) for day in dates)
    found = read(a_file(a_person(inner=notes)) if inside else a_file(notes, a_person()))
    (note,) = found.persons[0].notes
    assert note.text == "of 09"
    (skipped,) = found.skipped
    assert why in skipped.error
    assert found.parsed == 3


@pytest.mark.parametrize("dates", [("02", "09"), ("09", "02")])
def test_a_note_that_both_versions_of_a_record_hold_is_the_latest_one_too(dates: tuple[str, str]) -> None:
    versions = [
        a_person(source_date=f"2026-03-0{number}T08:30:00Z", inner=a_note(source_date=f"2026-03-{day}T08:30:00Z"))
        for number, day in enumerate(dates, 1)
    ]
    found = read(a_file(*versions))
    (note,) = found.persons[0].notes
    assert note.source_date.day == 9
    assert found.parsed == 4


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"sex": "unknown"}, "sex"),
        ({"date_of_birth": "2026-02-30"}, "date_of_birth"),
        ({"age": "200"}, "age"),
        ({"age": "60-50"}, "age"),
    ],
)
def test_a_value_that_makes_no_sense_is_left_out_with_a_remark(said: dict[str, str], left: str) -> None:
    (person,) = read(a_file(a_person(**said))).persons
    assert not getattr(person, left)
    assert person.full_name == "王建国"
    assert any(remark.startswith(left) for remark in person.remarks)


def test_characters_that_xml_forbids_are_dropped() -> None:
    (person,) = read(a_file(a_person(full_name="王\x00建&#11;国&#x1F;&#xFFFE;&#99999999;\x0b"))).persons
    assert person.full_name == "王建国"
    assert b"\x0b" not in write([replace(FULL, description="a\x0bb\x00")])


def test_a_very_long_text_is_cut_and_told() -> None:
    (person,) = read(a_file(a_person(description="x" * 30_000))).persons
    assert len(person.description) == reading.LONGEST_TEXT
    assert "description was cut" in person.remarks[0]


def test_the_status_is_that_of_the_latest_note_that_has_one() -> None:
    notes = (
        replace(NOTED, source_date=THEN, status="information_sought"),
        replace(NOTED, source_date=LATER, status="believed_alive"),
        replace(NOTED, source_date=datetime(2026, 5, 1, tzinfo=UTC), status=""),
    )
    assert replace(FULL, notes=notes).status == "believed_alive"
    assert replace(FULL, notes=()).status == ""


def test_a_link_that_is_not_answered_is_found() -> None:
    one = replace(FULL, notes=(replace(NOTED, linked_person_record_id="a.example/2"),))
    other = PersonRecord("a.example/2", THEN, "王")
    assert one_sided((one, other)) == (NOTED.note_record_id,)
    answer = NoteRecord("a.example/n", THEN, "x", "same", "a.example/2", linked_person_record_id=FULL.person_record_id)
    assert one_sided((one, replace(other, notes=(answer,)))) == ()
    assert one_sided((FULL,)) == (), "the other record is not here"


_TEXT: Final = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), max_size=40
)
_TEXTS: Final = ("full_name", "given_name", "description", "home_city", "alternate_names", "source_name", "author_name")


@given(st.fixed_dictionaries(dict.fromkeys(_TEXTS, _TEXT)))
def test_whatever_the_texts_are_they_come_back(said: dict[str, Any]) -> None:
    trimmed = {name: text.strip() for name, text in said.items()}
    record = PersonRecord("a.example/1", THEN, **said)
    back = read(write([record])).persons[0]
    expected = PersonRecord("a.example/1", THEN, **trimmed | {"full_name": trimmed["full_name"] or back.full_name})
    assert back == expected


@given(st.binary(max_size=400))
def test_no_bytes_bring_more_than_a_refusal(data: bytes) -> None:
    for inside in (data, a_file(data.decode("utf-8", "replace"))):
        with suppress(Invalid):
            assert read(inside).version == "1.4"
