"""An invented Korean automotive chain, the same from the same seed.

One lead firm, 24 / 90 / 240 firms in tiers 1-3, circles, diamonds, firms that deliver at several
tiers. No firm in it exists: names are made of syllables, and registration numbers begin with
tax offices that are not there (901 and above), though their check digits are right.
"""

import random
from dataclasses import dataclass, field

from supplychain.identify import check_digit

SEED = 2026
LEAD_NAME = "한빛모빌리티(주)"
TIERS = (24, 90, 240)

_BEGINNINGS = (
    "가온", "다솜", "라온", "마루", "바론", "새결", "아람", "자람", "차온", "하람", "온새", "미르",
    "해솔", "도담", "여울", "솔찬", "늘품", "한결", "나래", "별하", "누리", "단아", "이룸", "초아",
    "비손", "로움",
)  # fmt: skip
_MIDDLES = ("빛", "들", "결", "샘", "별", "솔", "울", "찬", "마")
_ENDINGS = {
    "injection": ("사출", "폴리텍", "수지"),
    "press": ("프레스", "스탬핑", "금속"),
    "machining": ("정밀", "정공", "기공"),
    "casting": ("주조", "다이캐스트"),
    "forging": ("단조",),
    "welding": ("웰텍", "용접산업"),
    "heat-treatment": ("열처리", "써모텍"),
    "plating": ("도금", "표면기술"),
    "painting": ("도장", "페인텍"),
    "rubber": ("고무", "러버텍"),
    "electronics": ("전장", "센서텍"),
    "mould-making": ("금형", "몰드"),
    "assembly": ("모듈", "시트", "오토텍"),
    "materials": ("소재", "특수강", "컴파운드"),
}
ITEMS = {
    "injection": ("도어트림", "범퍼 브래킷", "램프 하우징", "커넥터 하우징", "덕트", "클립"),
    "press": ("시트 브래킷", "크로스멤버", "히트 프로텍터", "힌지"),
    "machining": ("샤프트", "밸브 바디", "허브", "부싱"),
    "casting": ("모터 하우징", "미션 케이스", "브레이크 디스크"),
    "forging": ("너클", "커넥팅 로드", "기어 소재"),
    "welding": ("서브프레임", "배기관 조립품"),
    "heat-treatment": ("침탄 열처리", "고주파 열처리"),
    "plating": ("아연 도금", "니켈 도금"),
    "painting": ("내장재 도장", "전착 도장"),
    "rubber": ("웨더스트립", "마운팅 부시", "오링"),
    "electronics": ("와이어링 하네스", "제어기 기판", "온도 센서"),
    "mould-making": ("사출 금형", "프레스 금형"),
    "assembly": ("시트 모듈", "프런트엔드 모듈", "콕핏 모듈"),
    "materials": ("PP 컴파운드", "냉연 강판", "알루미늄 잉곳", "특수강 봉재"),
}
# How many firms of each process a tier has.
_PROCESSES = (
    {"assembly": 7, "electronics": 4, "injection": 4, "press": 4, "casting": 2, "machining": 2,
     "rubber": 1},
    {"injection": 16, "machining": 16, "press": 14, "casting": 7, "forging": 6, "welding": 6,
     "plating": 6, "electronics": 5, "heat-treatment": 4, "painting": 4, "rubber": 4,
     "assembly": 2},
    {"machining": 45, "materials": 40, "injection": 30, "mould-making": 30, "press": 25,
     "plating": 20, "heat-treatment": 15, "painting": 10, "welding": 8, "rubber": 7, "casting": 5,
     "forging": 5},
)  # fmt: skip
_REGIONS = {
    "KR-41": 28, "KR-48": 16, "KR-44": 12, "KR-47": 10, "KR-31": 8, "KR-27": 7, "KR-28": 6,
    "KR-29": 5, "KR-45": 4, "KR-26": 4,
}  # fmt: skip
_PEOPLE = ((280, 1600), (28, 240), (5, 49))
_LEVELS = ((2, 3, 3, 4, 4), (0, 1, 1, 2, 2, 3), (0, 0, 0, 1, 1, 2))


@dataclass(frozen=True)
class SampleFirm:
    """An invented firm; `tier` is the one that it is made for."""

    name: str
    brn: str
    tier: int
    region: str
    process: str
    employees: int
    level: int


@dataclass(frozen=True)
class SampleLink:
    """An invented link; `share` in per cent of what the buyer buys of the item."""

    supplier: SampleFirm
    buyer: SampleFirm
    item: str
    share: int


@dataclass
class Chain:
    """The whole chain. `extra` firms and links are for a sheet that is uploaded later."""

    lead: SampleFirm
    firms: list[SampleFirm] = field(default_factory=list)
    links: list[SampleLink] = field(default_factory=list)
    extra: list[SampleLink] = field(default_factory=list)

    def tier(self, number: int) -> list[SampleFirm]:
        """The firms that were made for a tier."""
        return [firm for firm in self.firms if firm.tier == number]

    def vendor(self, tier: int) -> SampleFirm:
        """The firm whose owner is among the sample's people: it moulds by injection."""
        return next(firm for firm in self.tier(tier) if firm.process == "injection")


def make_chain(seed: int = SEED) -> Chain:
    """The sample chain."""
    maker = _Maker(seed)
    lead = SampleFirm(LEAD_NAME, maker.number(), 0, "KR-41", "assembly", 12400, 4)
    chain = Chain(lead)
    for tier, processes in enumerate(_PROCESSES, start=1):
        kinds = [process for process, firms in processes.items() for _ in range(firms)]
        chain.firms += [maker.firm(tier, process) for process in kinds]
        _supply(maker, chain, tier)
    _circles_and_shortcuts(maker, chain)
    for tier, process in ((2, "injection"), (2, "press")) + ((3, "injection"), (3, "plating")) * 5:
        buyer = maker.random.choice(chain.tier(tier - 1))
        chain.extra.append(maker.link(maker.firm(tier, process), buyer))
    return chain


class _Maker:
    """Draws firms, numbers and links, never the same name or number twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a repeatable sample is the point
        names = [begin + middle for begin in _BEGINNINGS for middle in _MIDDLES]
        self.random.shuffle(names)
        self._names = names
        self._used: set[str] = set()
        self._serial = 0

    def number(self) -> str:
        """A registration number with a right check digit."""
        self._serial += self.random.randint(1, 9)
        office = 901 + self._serial % 90
        nine = f"{office}{self.random.choice(('81', '86', '87', '88'))}{self._serial:04d}"
        return nine + str(check_digit(nine))

    def firm(self, tier: int, process: str) -> SampleFirm:
        """A firm of a tier with a fitting size."""
        name = self._name(process)
        corporate = tier < 3 or self.random.random() < 0.6
        if corporate:
            name = f"{name}(주)" if self.random.random() < 0.7 else f"(주){name}"
        return SampleFirm(
            name=name,
            brn=self.number(),
            tier=tier,
            region=self.random.choices(list(_REGIONS), list(_REGIONS.values()))[0],
            process=process,
            employees=self.random.randint(*_PEOPLE[tier - 1]),
            level=self.random.choice(_LEVELS[tier - 1]),
        )

    def link(self, supplier: SampleFirm, buyer: SampleFirm) -> SampleLink:
        """A delivery of something that the supplier makes."""
        item = self.random.choice(ITEMS[supplier.process])
        return SampleLink(supplier, buyer, item, self.random.choice((5, 10, 15, 20, 30, 40, 60)))

    def _name(self, process: str) -> str:
        while True:
            name = self.random.choice(self._names) + self.random.choice(_ENDINGS[process])
            if name not in self._used:
                self._used.add(name)
                return name


def _supply(maker: _Maker, chain: Chain, tier: int) -> None:
    """Every firm of the tier supplies one firm of the tier before, and some supply two or three.

    Whoever supplies several firms of one tier closes a diamond with them.
    """
    buyers = chain.tier(tier - 1) if tier > 1 else [chain.lead]
    for place, firm in enumerate(chain.tier(tier)):
        first = buyers[place % len(buyers)]
        more = 0 if tier == 1 else maker.random.choices((0, 1, 2), (62, 28, 10))[0]
        others = maker.random.sample([buyer for buyer in buyers if buyer != first], more)
        chain.links += [maker.link(firm, buyer) for buyer in (first, *others)]


def _circles_and_shortcuts(maker: _Maker, chain: Chain) -> None:
    """What real chains have: firms that supply each other, and firms at several tiers."""
    second, third = chain.tier(2), chain.tier(3)
    plater = next(firm for firm in second if firm.process == "plating")
    presser = next(firm for firm in second if firm.process == "press")
    mould = next(firm for firm in third if firm.process == "mould-making")
    machinist = next(firm for firm in second if firm.process == "machining")
    chain.links += [
        # Pressed parts go out to be plated and come back: a circle of two.
        maker.link(plater, presser),
        maker.link(presser, plater),
        # The mould maker sends its blocks to a machinist that buys moulds from it: across tiers.
        maker.link(mould, machinist),
        maker.link(machinist, mould),
        # A tier-1 firm that also supplies another; a tier-2 firm that also supplies a tier-2 firm.
        maker.link(chain.tier(1)[0], chain.tier(1)[9]),
        maker.link(second[3], second[40]),
    ]
