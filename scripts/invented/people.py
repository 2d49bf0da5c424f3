"""People drawn from how often names are borne, and from the divisions of the country by how many townships they hold."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from random import Random

from tracing.clues.lexicon.divisions import read_divisions
from tracing.domain import Sex

MARKS = (
    "左眉上有一道疤", "右手背有烫伤的疤痕", "下巴上有颗黑痣", "左手少一根手指", "走路有点跛", "耳朵聋",
    "背上有块胎记", "门牙缺了两颗", "右胳膊有刺青", "驼背", "额头有伤疤", "肚子上开过刀",
    "脖子上有痣", "左腿断过", "脸上有麻子", "右眼看不见", "手心有老茧", "说话结巴",
)  # fmt: skip
"""The last three are not in the matcher's word list."""
SEEN_MARKS = (
    "眉毛那里有刀疤", "手背上有伤疤", "下巴有痣", "断指", "腿瘸", "听不见",
    "后背胎记", "缺门牙", "手臂纹身", "罗锅", "前额疤痕", "腹部手术疤",
    "颈部黑痣", "左腿不灵便", "麻脸", "右眼失明", "手很粗", "口吃",
)  # fmt: skip
"""The same marks in the words of a shelter's form."""
WORK = (
    "种地", "在煤矿挖煤", "在工地砌墙", "当过兵", "开大车", "放羊",
    "做木匠", "在电子厂打工", "收废品", "当厨师", "做裁缝", "教书",
    "打鱼", "唱戏", "养蜂", "修鞋",
)  # fmt: skip
SAID_WORK = (
    "我种田的", "我下井的", "我在工地干活", "我当兵的", "我开货车", "我放过羊",
    "我是木工", "我进厂打螺丝", "我捡废品", "我在饭店厨房", "我会缝纫", "我是老师",
    "我捕鱼的", "我会唱", "我弄蜂子", "我补鞋",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    surname: str
    given: str
    nickname: str
    sex: Sex
    born: int
    height_cm: int
    home: str
    """Code of the township."""
    marks: tuple[int, ...]
    work: int
    brother: str
    """Given name; the surname is the same."""


class World:
    """What people are drawn from."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.names = {code: name for code, name in read_divisions() if code[:2] not in ("71", "81", "82")}
        self.townships = [code for code in self.names if len(code) == 9]
        counties = {code[:6] for code in self.townships}
        self.counties = sorted(code for code in counties if code in self.names and not code.endswith("00"))
        self.townships = [code for code in self.townships if code[:6] in counties and not code[:6].endswith("00")]
        self.by_city: dict[str, list[str]] = {}
        for county in self.counties:
            self.by_city.setdefault(county[:4], []).append(county)
        self.surnames = table("surnames.tsv")
        self.characters = table("given_characters.tsv")

    def drawn(self, shares: dict[str, float]) -> str:
        return self.random.choices(list(shares), list(shares.values()))[0]

    def given_name(self) -> str:
        return "".join(self.drawn(self.characters) for _ in range(2 if self.random.random() < 0.8 else 1))

    def person(self) -> Person:
        random = self.random
        given = self.given_name()
        sex = Sex.MALE if random.random() < 0.68 else Sex.FEMALE
        return Person(
            self.drawn(self.surnames), given, self._nickname(given),
            sex, 2026 - int(random.triangular(8, 85, 45)),
            round(random.gauss(168 if sex is Sex.MALE else 157, 6.5)), random.choice(self.townships),
            tuple(random.sample(range(len(MARKS)), random.choice((0, 1, 1, 2)))),
            random.randrange(len(WORK)), self.given_name(),
        )  # fmt: skip

    def _nickname(self, given: str) -> str:
        """One in three nicknames has nothing to do with the name."""
        last = given[-1]
        usual = (f"小{last}", f"阿{last}", f"{last}{last}", f"{last}子")
        return self.random.choice((*usual, *usual, "狗蛋", "石头", "二娃", "毛头"))

    def place_name(self, code: str, level: int) -> str:
        """As a form has it: from the province down to a level (1 to 4)."""
        codes = [code[:2] + "0000", code[:4] + "00", code[:6], code][:level]
        return "".join(dict.fromkeys(self.names[each] for each in codes if each in self.names))

    def elsewhere_in_city(self, code: str) -> str:
        """Another county of the same city, where there is one."""
        others = [county for county in self.by_city[code[:4]] if county != code[:6]]
        return self.random.choice(others or [code[:6]])

    def elsewhere(self, code: str) -> str:
        """A county in another province."""
        while (other := self.random.choice(self.counties))[:2] == code[:2]:
            pass
        return other


def table(file: str) -> dict[str, float]:
    text = resources.files("scripts.invented").joinpath(file).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {word: float(share) for word, share in rows}
