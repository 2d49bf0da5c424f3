"""What two sides say of one person: the family that reports somebody missing, and the person in a shelter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scripts.invented.distortion import (
    ACCENT_RATES,
    AGE_SPREAD,
    BROTHER_RATE,
    MARK_RATE,
    NAME_RATES,
    PLACE_RATES,
    SEX_WRONG,
    WORK_RATE,
    Ear,
    chosen,
)  # fmt: skip
from scripts.invented.people import MARKS, SAID_WORK, SEEN_MARKS, WORK, Person, World
from tracing.clues.lexicon.divisions import bare
from tracing.clues.lexicon.pronunciation import quick, surname_sound
from tracing.domain import Case, CaseKind, CaseState, Clue, Description, LegalBasis, Mention, MentionKind, PartialDate, Sex

OPENED = datetime(2026, 3, 1, tzinfo=UTC)
FRAMES = (
    "{name}{place}{work}{brother}不记得电话了。",
    "问了几次，{place}别的说不清。{name}{brother}{work}",
    "{place}{brother}坐火车来的，{name}{work}想回家。",
)
NAME_SAID = ("我叫{}，", "名字叫{}。", "自称{}，", "都喊我{}，")
PLACE_SAID = ("老家在{}，", "我是{}人，", "从{}来的，", "说是{}那边的，", "家里{}，", "{}，反正坐车要很久，")
BROTHER_SAID = ("哥哥叫{}，", "我哥{}，", "有个弟弟{}在家，")


@dataclass(frozen=True, slots=True)
class Account:
    """One case with its clues, and what happened to name and place on the way; both are "" for a missing person."""

    case: Case
    clues: tuple[Clue, ...]
    name_kind: str = ""
    place_kind: str = ""

    @property
    def unmarked(self) -> Account:
        """As before an interviewer has marked anything."""
        return replace(self, clues=tuple(replace(clue, mentions=()) for clue in self.clues))


class Teller:
    def __init__(self, world: World) -> None:
        self._world = world
        self._random = world.random
        characters = [*world.characters, *(each for name in world.surnames for each in name)]
        characters += [each for code in world.counties for each in bare(world.names[code])]
        self._ear = Ear(world.random, characters)

    def missing(self, case_id: str, person: Person) -> Account:
        """What the family knows: the name, the home, the birth; and a few sentences."""
        random, world = self._random, self._world
        names = (person.surname + person.given, *((person.nickname,) if random.random() < 0.35 else ()))
        home = world.place_name(person.home, random.choices((2, 3, 4), (0.15, 0.55, 0.30))[0])
        away = random.random() < 0.25
        said = [f"老家在{home}。" if away else "", f"以前{WORK[person.work]}。" if random.random() < 0.6 else ""]
        said.append(f"哥哥叫{person.surname}{person.brother}。" if random.random() < 0.4 else "")
        said.append(random.choice(("出去打工后没有音信。", "赶集走散了。", "精神不太好，自己走出去的。", "跟家里吵架后走了。")))
        description = Description(
            names=names,
            sex=person.sex,
            birth_date=PartialDate(person.born),
            height_cm=person.height_cm + random.randint(-2, 2) if random.random() < 0.7 else None,
            accent=bare(world.names[person.home[:2] + "0000"]) + "口音" if random.random() < 0.4 else "",
            marks=tuple(MARKS[mark] for mark in person.marks if random.random() < 0.85),
            seen_place=world.place_name(world.elsewhere(person.home), 3) if away else home,
            seen_at=PartialDate(2026 - int(random.expovariate(0.2)) % 20),
            circumstances="".join(said),
        )
        return Account(_case(case_id, CaseKind.MISSING, description), ())

    def sheltered(self, case_id: str, person: Person) -> Account:
        """What comes out in a shelter."""
        random, world = self._random, self._world
        name_kind, place_kind = chosen(random, NAME_RATES), chosen(random, PLACE_RATES)
        name, place = self._name(person, name_kind), self._place(person, place_kind)
        brother = self._ear.homophone(person.surname + person.brother) if random.random() < BROTHER_RATE else ""
        work = SAID_WORK[person.work] + "，" if random.random() < WORK_RATE else ""
        clue = self._clue(case_id, name, place, brother, work)
        age = max(2026 - person.born + random.gauss(0, AGE_SPREAD), 1)
        description = Description(
            names=(name,) if name and random.random() < 0.6 else (),
            sex=_other(person.sex) if random.random() < SEX_WRONG else person.sex,
            age_min=max(round(age - 5), 0),
            age_max=round(age + 5),
            height_cm=person.height_cm + round(random.gauss(0, 2.5)) if random.random() < 0.8 else None,
            accent=self._accent(person),
            marks=tuple(SEEN_MARKS[mark] for mark in person.marks if random.random() < MARK_RATE),
            seen_place=world.place_name(world.elsewhere(person.home), 3),
            seen_at=PartialDate(2026),
        )
        return Account(_case(case_id, CaseKind.SHELTERED, description), (clue,), name_kind, place_kind)

    def _name(self, person: Person, kind: str) -> str:
        full, ear, world = person.surname + person.given, self._ear, self._world
        match kind:
            case "homophone":
                return person.surname + ear.homophone(person.given)
            case "dialect":
                return ear.dialect(full, person.home[:2])
            case "unforeseen dialect":
                return ear.unforeseen(full)
            case "nickname":
                return person.nickname
            case "surname only":
                return person.surname
            case "one character wrong":
                return full[:-1] + world.drawn(world.characters)
            case "given name only":
                return person.given
            case "swallowed":
                return person.surname + person.given[-1]
            case "Latin letters":
                return " ".join(("".join(surname_sound(person.surname)), "".join(quick(person.given)))).title()
            case "another name":
                return world.drawn(world.surnames) + world.given_name()
        return full if kind == "as it is" else ""

    def _place(self, person: Person, kind: str) -> str:
        world, ear, home = self._world, self._ear, person.home
        county = bare(world.names[home[:6]])
        match kind:
            case "county":
                return self._random.choice((county, world.names[home[:6]]))
            case "township and county":
                return county + world.names[home]
            case "city":
                return bare(world.names.get(home[:4] + "00", world.names[home[:6]]))
            case "province" | "another province":
                at = home if kind == "province" else world.elsewhere(home)
                return bare(world.names[at[:2] + "0000"])
            case "county, homophone":
                return ear.homophone(county)
            case "county, dialect":
                return ear.dialect(county, home[:2])
            case "county, unforeseen dialect":
                return ear.unforeseen(county)
            case "township alone":
                return world.names[home]
            case "neighbouring county":
                return bare(world.names[world.elsewhere_in_city(home)])
            case "a village nobody knows":
                return self._random.choice(("大河湾", "上坎村", "三棵树那儿", "后沟"))
        return ""

    def _accent(self, person: Person) -> str:
        kind = chosen(self._random, ACCENT_RATES)
        home = person.home if kind == "right" else self._world.elsewhere(person.home)
        return "" if kind == "none" else bare(self._world.names[home[:2] + "0000"]) + "口音"

    def _clue(self, case_id: str, name: str, place: str, brother: str, work: str) -> Clue:
        """The sentence, and in it what a diligent interviewer would mark."""
        random = self._random
        kinds = {
            "name": MentionKind.PERSON,
            "place": MentionKind.PLACE,
            "brother": MentionKind.PERSON,
            "work": MentionKind.OCCUPATION,
        }
        parts = {
            "name": (random.choice(NAME_SAID), name),
            "place": (random.choice(PLACE_SAID), place),
            "brother": (random.choice(BROTHER_SAID), brother),
            "work": ("{}", work),
        }
        said = random.choice(FRAMES)
        for part, (frame, word) in parts.items():
            said = said.replace("{" + part + "}", frame.format(f"\x01{part}\x02{word}\x03") if word else "")
        return _marked(case_id, said, kinds)


def _marked(case_id: str, said: str, kinds: dict[str, MentionKind]) -> Clue:
    text, mentions = "", []
    while "\x01" in said:
        before, _, rest = said.partition("\x01")
        part, _, rest = rest.partition("\x02")
        word, _, said = rest.partition("\x03")
        text += before
        mentions.append(Mention(kinds[part], len(text), len(text) + len(word), word))
        text += word
    return Clue(f"clue-{case_id}", case_id, text + said, OPENED, "interviewer", mentions=tuple(mentions))


def _other(sex: Sex) -> Sex:
    return Sex.FEMALE if sex is Sex.MALE else Sex.MALE


def _case(case_id: str, kind: CaseKind, description: Description) -> Case:
    return Case(
        case_id,
        case_id,
        kind,
        CaseState.OPEN,
        "station",
        LegalBasis.STATUTORY_DUTY,
        OPENED,
        "invented",
        description=description,
    )
