"""Hangul in Latin letters, and what spellings of one sound have in common. Pure, rules as data.

`romanised` follows the Revised Romanization of Korean (Ministry of Culture and Tourism notice
2000-8) letter by letter, without its changes between syllables: firms write their names in many
ways, and `sound` folds those ways together afterwards. Source of the habits folded here: how
Korean firms write themselves (Hyundai 현대, Samyang 삼양, Kumho 금호, Young Shin 영신).
"""

import re
import unicodedata

# The letters of a syllable in the order of Unicode; a dash is silent.
_FIRST, _VOWEL, _LAST = (
    letters.replace("-", "").split(",")
    for letters in (
        "g,kk,n,d,tt,r,m,b,pp,s,ss,-,j,jj,ch,k,t,p,h",
        "a,ae,ya,yae,eo,e,yeo,ye,o,wa,wae,oe,yo,u,wo,we,wi,yu,eu,ui,i",
        "-,k,k,k,n,n,n,t,l,k,m,l,l,l,p,l,m,p,p,t,t,ng,t,t,k,t,p,t",
    )
)
_HANGUL = re.compile("[가-힣]")

# Letters as Korean firms speak them: SK is 에스케이.
_SPOKEN = {
    "a": "에이", "b": "비", "c": "씨", "d": "디", "e": "이", "f": "에프", "g": "지", "h": "에이치",
    "i": "아이", "j": "제이", "k": "케이", "l": "엘", "m": "엠", "n": "엔", "o": "오", "p": "피",
    "q": "큐", "r": "알", "s": "에스", "t": "티", "u": "유", "v": "브이", "w": "더블유",
    "x": "엑스", "y": "와이", "z": "제트", "&": "앤",
}  # fmt: skip

# Spellings of one sound. Longest first; o stands for 어 오 우 으, e for 애 에, q for the ng of 응.
_SOUNDS = {
    "yeo": "yo", "you": "yo", "yoo": "yo", "yu": "yo", "yea": "ye", "yae": "ye", "eui": "i",
    "woo": "o", "wu": "o", "wo": "o", "weo": "o", "wae": "we", "oe": "we", "oi": "we", "wh": "w",
    "eo": "o", "eu": "o", "oo": "o", "ou": "o", "ow": "o", "oh": "o", "ew": "yo", "uh": "o",
    "u": "o", "ae": "e", "ai": "e", "ay": "e", "ea": "e", "ei": "e", "ey": "e", "ui": "i",
    "ee": "i", "ie": "i", "tech": "deg", "tec": "deg", "tch": "j", "ch": "j", "jh": "j",
    "dj": "j", "z": "j", "sch": "s", "sh": "s", "ce": "se", "ci": "si", "cy": "si", "kh": "g",
    "gh": "g", "ck": "g", "k": "g", "c": "g", "q": "g", "x": "gs", "th": "d", "dh": "d", "t": "d",
    "ph": "b", "bh": "b", "p": "b", "f": "b", "v": "b", "rh": "l", "r": "l", "ng": "q",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
# An English r that Korean does not speak: 스마트 is smart, 모터 is motor.
_SILENT = re.compile("r(?![aeiouyrh])")
# What meets between two syllables: 국민 is gukmin and gungmin, 한라 is Hanla and Halla.
_MEETING = (
    (re.compile("g(?=[mn])"), "q"), (re.compile("b(?=[mn])"), "m"), (re.compile("d(?=[mn])"), "n"),
    (re.compile("nl|ln|ql"), "l"), (re.compile("y(?![aeiou])"), "i"),
    (re.compile("(?<=[bdgjlmnqs])h|h(?![aeiowy])"), ""), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


def romanised(text: str) -> str:
    """Hangul syllables in Latin letters; everything else as it is.

    >>> romanised("한빛정밀 2공장")
    'hanbitjeongmil 2gongjang'
    """
    return _HANGUL.sub(_syllable, text)


def _syllable(match: re.Match[str]) -> str:
    rest, last = divmod(ord(match[0]) - 0xAC00, 28)
    first, vowel = divmod(rest, 21)
    return _FIRST[first] + _VOWEL[vowel] + _LAST[last]


def sound(text: str) -> str:
    """What is left when spellings of one sound are folded together; Latin letters alone.

    >>> sound("한빛"), sound("Hanvit"), sound("현대"), sound("Hyundai")
    ('hanbid', 'hanbid', 'hyonde', 'hyonde')
    >>> sound("영신"), sound("Young Shin"), sound("한라") == sound("Halla")
    ('yoqsin', 'yoqsin', True)
    """
    return _folded(romanised(text))


def loan_sound(text: str) -> str:
    """The same for Hangul that writes a foreign word: its filled-in 으 is not spoken.

    >>> loan_sound("포스코"), sound("POSCO")
    ('bosgo', 'bosgo')
    """
    return _folded(romanised(text).replace("eu", ""))


def _folded(latin: str) -> str:
    plain = unicodedata.normalize("NFKD", latin.casefold())
    letters = "".join(letter for letter in plain if "a" <= letter <= "z")
    letters = _SILENT.sub("", letters)
    letters = _SOUND.sub(lambda match: _SOUNDS[match[0]], letters)
    for meeting, becomes in _MEETING:
        letters = meeting.sub(becomes, letters)
    return letters


def spoken(letters: str) -> str:
    """Latin letters by their names, as a Korean firm writes its initials out.

    >>> spoken("sk"), spoken("j&k")
    ('에스케이', '제이앤케이')
    """
    return "".join(_SPOKEN.get(letter, letter) for letter in letters)


def heard(text: str) -> str:
    """Hangul as it is heard, in Latin letters: 애 and 에, 빛 and 빗 are one; others stay apart.

    >>> heard("태광") == heard("테광"), heard("태성") == heard("대성")
    (True, False)
    """
    return romanised(text).replace("wae", "we").replace("oe", "we").replace("ae", "e")
