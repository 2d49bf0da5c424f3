"""What is told about invented people: names, places, ways of speaking, clothes and circumstances. Nobody here is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from scripts.demo.people import Beard, Glasses, Person
from tracing.domain import Sex

T = TypeVar("T")

SURNAMES: Final = tuple(
    "张王李赵陈杨黄周吴徐孙马朱胡郭何罗高林郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
WOMEN: Final = (
    "秀英", "桂兰", "玉珍", "春梅", "淑芬", "凤霞", "美华", "翠莲", "冬梅", "丽娟", "秋菊", "月娥", "小燕", "晓霞", "雪芳",
    "惠兰", "金凤", "素琴", "红梅", "艳玲", "巧云", "银花", "爱莲", "彩霞", "静怡", "思雨", "雅琪", "欣然", "玉兰", "腊梅",
)  # fmt: skip
MEN: Final = (
    "德福", "建国", "志强", "国栋", "永贵", "长根", "大勇", "文斌", "金山", "福生", "春生", "卫东", "水生", "保田", "树林",
    "明亮", "铁柱", "广才", "学军", "世昌", "立新", "小军", "浩然", "子轩", "宇航", "来顺", "守义", "庆丰", "有财", "海涛",
)  # fmt: skip
ENGLISH_WOMEN: Final = (
    "Amara Quill",
    "Nandini Thorley",
    "Elsbeth Marrow",
    "Ruta Vandermeel",
    "Sunita Gailworth",
    "Hana Pellworm",
)
ENGLISH_MEN: Final = (
    "Tobias Wrenfield",
    "Emeka Dunmarsh",
    "Karim Oldershaw",
    "Bikash Thornley",
    "Osei Brackwater",
    "Marek Linnfort",
)


@dataclass(frozen=True, slots=True)
class Home:
    """Where people come from, how they sound there, and where they are found when they are lost."""

    place: str
    accent: str
    found: tuple[str, ...]


HOMES: Final = (
    Home("河南省周口市", "河南话", ("郑州火车站西广场", "周口汽车站候车厅", "漯河市人民路桥下")),
    Home("四川省南充市", "四川话", ("成都东站出站口", "重庆市沙坪坝区三峡广场", "南充市北湖公园")),
    Home("安徽省阜阳市", "阜阳口音", ("合肥市长江路天桥", "南京站北广场", "阜阳市颍河边")),
    Home("湖南省邵阳市", "湘语，邵阳口音", ("长沙市芙蓉路地下通道", "广州火车站", "株洲市中心广场")),
    Home("广西壮族自治区河池市", "桂柳话", ("南宁市朝阳广场", "柳州火车站", "深圳市龙华汽车站")),
    Home("贵州省毕节市", "毕节口音", ("贵阳市花果园", "昆明市北京路", "遵义市丁字口")),
    Home("山东省菏泽市", "鲁西南口音", ("济南长途汽车站", "徐州市淮海广场", "济宁市太白路")),
    Home("甘肃省天水市", "天水话", ("兰州市东方红广场", "西安市玉祥门", "宝鸡火车站")),
    Home("黑龙江省齐齐哈尔市", "东北话", ("哈尔滨市中央大街", "沈阳北站", "大连市胜利广场")),
    Home("江西省赣州市", "客家话", ("南昌市八一广场", "东莞市虎门", "赣州市章江边")),
    Home("云南省昭通市", "昭通口音", ("昆明市金马坊", "成都市荷花池", "昭通市客运站")),
    Home("福建省宁德市", "闽东话", ("福州火车站", "温州市五马街", "厦门市中山路")),
    Home("河北省邯郸市", "冀南口音", ("石家庄火车站", "北京西站南广场", "保定市裕华路")),
    Home("内蒙古自治区赤峰市", "赤峰口音", ("呼和浩特市中山路", "北京站", "赤峰市红山广场")),
)
ENGLISH_FOUND: Final = ("Shanghai Hongqiao station", "Yiwu market, gate 3", "Guangzhou, Xiaobei road", "Kunming bus terminal")

MISSING_ELDER: Final = (
    "患阿尔茨海默病，清晨独自出门买菜后未归，身上没有手机和证件。",
    "失智多年，常念叨要回老家看麦子，当天下午从养老院侧门走出。",
    "随子女进城带孙辈，在菜市场走散，记不住住址。",
    "中风后言语不清，坐错公交车后失去联系。",
)
MISSING_ADULT: Final = (
    "外出务工后与家中断了联系，最后一次通话说要换工地。",
    "有精神疾病史，停药后从家中走失，此前曾走失过一次。",
    "与家人争吵后离家，只带了一个黑色布包。",
    "智力残疾，跟随熟人外出做工，途中走散。",
)
MISSING_CHILD: Final = ("放学后未到家，书包在河堤边找到。", "随祖母赶集时走散。", "与同学闹矛盾后独自坐车离开县城。")
FOUND_ELDER: Final = (
    "民警护送来站，说不清住址，反复说「娃在等我」。",
    "环卫工人发现其在路边徘徊，衣着整洁，走失时间应不长。",
    "夜间在候车厅被发现，记得自己会做豆腐，不记得姓名。",
)
FOUND_ADULT: Final = (
    "流浪乞讨，由街面巡查劝导来站，沉默寡言，会写简单数字。",
    "露宿桥下，言语混乱，随身塑料袋内有旧车票半张。",
    "由派出所移送，自述记不得家在哪里，对陌生人警惕。",
)
FOUND_CHILD: Final = ("独自在车站哭泣，由铁路民警护送来站，能说出小名。", "与成人走散，说不清家长电话，喜欢画房子。")
ENGLISH_MISSING: Final = (
    "Left the hostel after a phone call and has not answered since.",
    "Lost contact while changing trains; speaks little Chinese.",
)
ENGLISH_SHELTERED: Final = (
    "Brought in by the railway police without papers; answers only to simple questions.",
    "Found asleep in a waiting hall, exhausted, no luggage.",
)

COLOURS: Final = (
    "藏青色",
    "枣红色",
    "墨绿色",
    "灰色",
    "卡其色",
    "黑色",
    "紫色",
    "米白色",
    "棕色",
    "姜黄色",
    "天蓝色",
    "砖红色",
)
TOPS: Final = ("棉袄", "夹克", "衬衫", "毛衣", "圆领衫", "开衫")
SHOES: Final = ("黑布鞋", "解放鞋", "运动鞋", "旧皮鞋", "拖鞋")
ENGLISH_CLOTHES: Final = ("dark quilted jacket, worn trainers", "grey pullover, canvas shoes", "checked shirt, jeans")
HABITS: Final = (
    "左手小指弯曲",
    "走路微跛",
    "右耳听力差",
    "手背有烫伤疤",
    "缺一颗门牙",
    "左前臂有旧手术疤",
    "说话时常点头",
    "右膝有旧伤",
)
ENGLISH_HABITS: Final = ("limps slightly", "burn scar on the left hand", "missing front tooth", "hums while walking")


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    return choices[int(rng.integers(len(choices)))]


def name_for(rng: np.random.Generator, sex: Sex, taken: set[str], english: bool) -> str:
    """A full name that nobody in ``taken`` bears yet; it is added there."""
    while True:
        if english:
            name = pick(rng, ENGLISH_WOMEN if sex is Sex.FEMALE else ENGLISH_MEN)
            name = name if name not in taken else f"{name}-{pick(rng, ('Ashe', 'Holm', 'Rook', 'Vane', 'Lark'))}"
        else:
            name = pick(rng, SURNAMES) + pick(rng, WOMEN if sex is Sex.FEMALE else MEN)
        if name not in taken:
            taken.add(name)
            return name


def nickname(rng: np.random.Generator, name: str, age: int) -> str:
    """What neighbours call somebody: by the last character of the name, or by age and surname."""
    choices = (
        [f"小{name[-1]}", f"阿{name[-1]}", f"{name[-1]}子"] if age < 45 else [f"老{name[0]}", f"{name[0]}三", f"阿{name[-1]}"]
    )
    return pick(rng, choices)


def marks_of(person: Person, english: bool) -> tuple[str, ...]:
    """The marks that can be seen in the person's drawn face, in words; left and right are the person's own."""
    words = []
    for mark in person.marks[:2]:
        side = ("right", "右") if mark.x < 0 else ("left", "左")
        place = ("temple", "额角") if mark.y < 0 else ("cheek", "脸颊") if mark.y < 0.85 else ("jaw", "下颌")
        kind = ("scar", "有一道疤") if mark.scar else ("mole", "有痣")
        words.append(f"{kind[0]} on the {side[0]} {place[0]}" if english else f"{side[1]}{place[1]}{kind[1]}")
    if person.glasses is not Glasses.NONE:
        words.append("wears glasses" if english else "常戴眼镜")
    if person.beard in (Beard.FULL, Beard.GOATEE, Beard.MOUSTACHE):
        words.append("wears a beard" if english else "留胡须")
    return tuple(words)


def clothing_text(rng: np.random.Generator, english: bool) -> str:
    if english:
        return pick(rng, ENGLISH_CLOTHES)
    return f"{pick(rng, COLOURS)}{pick(rng, TOPS)}，{pick(rng, COLOURS)}裤子，{pick(rng, SHOES)}"
