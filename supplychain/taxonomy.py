"""Words that classify firms and plants: processes, regions, smart-factory levels.

Codes are stored, words are shown. Regions are Korea's 17 provinces and metropolitan cities with
their ISO 3166-2:KR codes.
"""

from typing import NamedTuple


class Words(NamedTuple):
    """One meaning in both languages of the pages."""

    ko: str
    en: str

    def in_(self, locale: str) -> str:
        """The word in the reader's language; Korean unless it is English."""
        return self.en if locale == "en" else self.ko


PROCESSES: dict[str, Words] = {
    "injection": Words("사출", "Injection moulding"),
    "press": Words("프레스", "Press"),
    "machining": Words("가공", "Machining"),
    "casting": Words("주조", "Casting"),
    "forging": Words("단조", "Forging"),
    "welding": Words("용접", "Welding"),
    "heat-treatment": Words("열처리", "Heat treatment"),
    "plating": Words("도금", "Plating"),
    "painting": Words("도장", "Painting"),
    "rubber": Words("고무", "Rubber"),
    "electronics": Words("전장", "Electronics"),
    "mould-making": Words("금형", "Mould making"),
    "assembly": Words("조립", "Assembly"),
    "materials": Words("소재", "Materials"),
}

REGIONS: dict[str, Words] = {
    "KR-11": Words("서울", "Seoul"),
    "KR-26": Words("부산", "Busan"),
    "KR-27": Words("대구", "Daegu"),
    "KR-28": Words("인천", "Incheon"),
    "KR-29": Words("광주", "Gwangju"),
    "KR-30": Words("대전", "Daejeon"),
    "KR-31": Words("울산", "Ulsan"),
    "KR-41": Words("경기", "Gyeonggi"),
    "KR-42": Words("강원", "Gangwon"),
    "KR-43": Words("충북", "Chungbuk"),
    "KR-44": Words("충남", "Chungnam"),
    "KR-45": Words("전북", "Jeonbuk"),
    "KR-46": Words("전남", "Jeonnam"),
    "KR-47": Words("경북", "Gyeongbuk"),
    "KR-48": Words("경남", "Gyeongnam"),
    "KR-49": Words("제주", "Jeju"),
    "KR-50": Words("세종", "Sejong"),
}

LEVELS: dict[int, Words] = {
    0: Words("없음", "None"),
    1: Words("기초 1", "Basic 1"),
    2: Words("기초 2", "Basic 2"),
    3: Words("중간 1", "Intermediate 1"),
    4: Words("중간 2", "Intermediate 2"),
    5: Words("고도화", "Advanced"),
}
