"""Many invented firms, some of them twice in another spelling."""

import random
import re

from supplychain.likeness import Named
from supplychain.names_ko import ENGLISH
from supplychain.romanised import romanised

_FIRST = (
    "한대동신성우삼태세영진경명부현정제백광해용유효청가두누벽원서다솔예그넥남금은선일화창미보상고조천평"
    "풍하아나라이오문승재지코에네디엠비케알피"
)
_SECOND = (
    "빛성양우진일광영신원창화동림명산한호국풍경덕서정아남방주도인건보강선울롬들람레온솔텍스코론젠켐투이엔"
    "리미나라전기능음승은해현"
)
_TRADES = [
    "정밀", "산업", "테크", "전자", "기계", "공업", "금속", "엔지니어링", "화학", "시스템", "정공",
    "금형",
    "하이텍", "전기", "플라스틱", "소재", "이엔지", "스틸", "기업", "건설", "섬유", "식품", "도금",
    "고무",
    "프레스", "사출", "주물", "단조", "열처리", "물류", "오토", "메탈", "로봇", "솔루션", "에너지",
    "바이오",
    "제약", "반도체", "디스플레이", "광학", "조명", "전선", "케이블", "밸브", "펌프", "볼트",
    "스프링",
    "베어링", "용접", "포장", "무역", "통상", "환경", "자동화",
]  # fmt: skip
_REGIONS = {
    "KR-41": 30, "KR-48": 12, "KR-28": 10, "KR-26": 8, "KR-27": 7, "KR-47": 8, "KR-11": 8,
    "KR-44": 5,
    "KR-43": 4, "KR-29": 1, "KR-30": 1, "KR-31": 1, "KR-45": 1, "KR-46": 1, "KR-42": 1,
}  # fmt: skip
_FORMS = ("(주){}", "㈜{}", "{}", "{}(주)", "주식회사 {}", "{} 주식회사")
_SPELLINGS = (
    ("yeo", "you"),
    ("eo", "u"),
    ("(?<!n)g", "k"),
    ("ui", "ee"),
    ("eu", "u"),
    ("u$", "oo"),
)
_WORDS = {korean: word for word, all_ in reversed(ENGLISH.items()) for korean in all_.split()[:1]}
_KINDS = {
    "in Latin letters": 30, "other legal form or spaces": 40, "one letter of Hangul wrong": 15,
    "a word more": 15,
}  # fmt: skip


class _Maker:
    """Names from a seed. Few syllables are frequent and many are rare, as in real names."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def frequent(self, choices: str | list[str]) -> str:
        weights = [(at + 2) ** -0.6 for at in range(len(choices))]
        return self._random.choices(choices, weights)[0]

    def core(self) -> str:
        third = self.frequent(_SECOND) if self._random.random() < 0.3 else ""
        return self.frequent(_FIRST) + self.frequent(_SECOND) + third

    def trades(self) -> list[str]:
        return [self.frequent(_TRADES) for _ in range(1 + (self._random.random() < 0.12))]

    def region(self) -> str:
        return self._random.choices(list(_REGIONS), list(_REGIONS.values()))[0]

    def hangul(self, core: str, trades: list[str], between: str = "") -> str:
        return self._random.choice(_FORMS).format(between.join((core, *trades)))

    def latin(self, core: str, trades: list[str]) -> str:
        word = romanised(core)
        for usual, other in _SPELLINGS:
            if self._random.random() < 0.4:
                word = re.sub(usual, other, word)
        words = [word, *(_WORDS.get(trade) or romanised(trade) for trade in trades)]
        return " ".join(map(str.capitalize, words)) + self._random.choice(
            ("", " Co., Ltd.", " Inc.")
        )

    def slip(self, core: str) -> str:
        """One syllable with another beginning, vowel or end, among those that are in use."""
        at = self._random.randrange(len(core))
        near = (chr(ord(core[at]) + d) for d in (1, -1, 4, -4, 13, 28, -28, 476, 588, -588))
        in_use = [each for each in near if "가" <= each <= "힣" and _in_use(each)]
        return core[:at] + self._random.choice(in_use) + core[at + 1 :]

    def written(self, core: str, trades: list[str]) -> str:
        way = self.latin if self._random.random() < 0.15 else self.hangul
        return way(core, trades)

    def again(self, core: str, trades: list[str]) -> tuple[str, str]:
        """The same firm as somebody else writes it, and in what that differs."""
        kind = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
        if kind == "in Latin letters":
            return self.latin(core, trades), kind
        if kind == "one letter of Hangul wrong":
            return self.hangul(self.slip(core), trades), kind
        if kind == "a word more":
            return self.hangul(core, [*trades, self._random.choice(("공업", "(한국)"))]), kind
        return self.hangul(core, trades, self._random.choice(("", " "))), kind

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability


def _in_use(syllable: str) -> bool:
    try:
        return len(syllable.encode("euc-kr")) == 2
    except UnicodeEncodeError:
        return False


def generated(count: int, seed: int = 1) -> tuple[list[Named], dict[tuple[int, int], str]]:
    """So many firms, and which pairs are one firm: (id, id) → in what they differ."""
    maker = _Maker(seed)
    firms: list[Named] = []
    truth: dict[tuple[int, int], str] = {}
    while len(firms) < count:
        core, trades, region = maker.core(), maker.trades(), maker.region()
        firms.append(Named(len(firms), maker.written(core, trades), "KR", region))
        if maker.chance(0.1) and len(firms) < count:
            name, kind = maker.again(core, trades)
            truth[len(firms) - 1, len(firms)] = kind
            firms.append(Named(len(firms), name, "KR", region if maker.chance(0.7) else ""))
    return firms, truth
