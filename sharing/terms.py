"""The technology-data agreement (기술자료 비밀유지계약) behind every offer: its text, by version.

A text that somebody agreed to never changes: a new wording gets a new name. What the law asks for
(상생협력법, since 2022-02-18) is there part by part: what is given and by whom, what for, who owns
it, secrecy, term, giving back, what a breach costs; and the vendor's own data, the other way round.
Both languages say the same; the Korean text is the one that counts. Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple

TERMS = "technology-data-2026-2"


class Words(NamedTuple):
    """The same in both languages of the pages."""

    ko: str
    en: str

    def in_(self, locale: str) -> str:
        """The text in the reader's language."""
        return self.en if locale == "en" else self.ko

    def filled(self, gaps: Mapping[str, "Words"]) -> "Words":
        """With its gaps filled."""
        return Words(
            self.ko.format(**{name: each.ko for name, each in gaps.items()}),
            self.en.format(**{name: each.en for name, each in gaps.items()}),
        )


class Part(NamedTuple):
    """One clause; `code` names it for programs."""

    code: str
    title: Words
    text: Words


_PARTIES = Part(
    "parties",
    Words("당사자", "Parties"),
    Words(
        "{provider}은(는) 모델을 제공하고, {receiver}은(는) 모델을 받습니다.",
        "{provider} provides the model. {receiver} receives it.",
    ),
)
_COST = Part(
    "cost",
    Words("비용", "Cost"),
    Words(
        "이 제안에는 비용이 없습니다. 비용을 받으려면 새 계약이 필요합니다.",
        "Nothing is charged for this offer. A fee would need a new agreement.",
    ),
)

_FIRST = (
    _PARTIES,
    Part(
        "given",
        Words("제공하는 것", "What is given"),
        Words(
            "모델 “{model}”과 모델 카드, 시험용 데이터입니다. 소유권은 {provider}에 있습니다.",
            "The model “{model}”, its card and its test rows. "
            "They stay the property of {provider}.",
        ),
    ),
    Part(
        "purpose",
        Words("사용 목적", "What for"),
        Words(
            "제안에 적힌 사업장의 생산에만 씁니다. 다른 곳에 넘기거나 팔 수 없습니다.",
            "Only for the production of the plant named above. It may not be passed on or sold.",
        ),
    ),
    Part(
        "own_data",
        Words("귀사의 데이터", "Your own data"),
        Words(
            "설비 값, 도면, 조건표, 결과는 사업장 안에 남으며 귀사의 것입니다. "
            "{provider}에는 “사업장 밖으로 나가는 것”에 적힌 것만 전달됩니다.",
            "Machine values, drawings, recipes and results stay at your plant and stay yours. "
            "{provider} gets only what is listed under “What leaves your plant”.",
        ),
    ),
    Part(
        "secrecy",
        Words("서로의 비밀유지", "Secrecy, both ways"),
        Words(
            "서로의 기술에 대해 알게 된 것은 모델을 쓰는 동안과 그 뒤 3년 동안 비밀로 지킵니다.",
            "What either side learns of the other's technology is kept secret "
            "while the model is used and for three years after.",
        ),
    ),
    Part(
        "end",
        Words("종료", "How it ends"),
        Words(
            "어느 쪽이든 알리기만 하면 언제든지 끝낼 수 있습니다. 그러면 모델은 PC에서 지워지고, "
            "모델로 측정한 것은 귀사의 것으로 남습니다.",
            "Either side may end it at any time by telling the other. "
            "The model is then removed from your PC; what you measured with it remains yours.",
        ),
    ),
    _COST,
)

_SECOND = (
    _PARTIES,
    Part(
        "given",
        Words("제공하는 기술자료", "What is given"),
        Words(
            "{provider} → {receiver}: 모델 “{model}”의 각 버전과 모델 카드, 시험용 데이터. "
            "{receiver} → {provider}: “사업장 밖으로 나가는 것”에 적힌 항목뿐이며, 그 밖의 "
            "데이터는 주고받지 않습니다.",
            "{provider} → {receiver}: the versions of the model “{model}”, their cards and test "
            "rows. {receiver} → {provider}: what is listed under “What leaves your plant”, and no "
            "other data.",
        ),
    ),
    Part(
        "purpose",
        Words("사용 목적", "What for"),
        Words(
            "{receiver}은(는) 제안받은 사업장의 생산에만 모델을 씁니다. {provider}은(는) 받은 "
            "항목을 모델의 설치 확인과 개선에만 씁니다. 단가 산정이나 거래 평가에는 쓰지 않습니다.",
            "{receiver} uses the model only for production at the plants to which it is offered. "
            "{provider} uses what it gets only to see that the model works and to mend it: never "
            "to set prices or to judge a supplier.",
        ),
    ),
    Part(
        "ownership",
        Words("권리의 귀속", "Who owns what"),
        Words(
            "모델은 {provider}의 것입니다. {receiver}의 설비 값, 도면, 조건표, 예측 결과와, "
            "그 데이터로 조정한 모델 부분은 {receiver}의 것입니다.",
            "The model is {provider}'s. {receiver}'s machine values, drawings, recipes and "
            "predictions are {receiver}'s, and so is what was tuned of the model on them.",
        ),
    ),
    Part(
        "secrecy",
        Words("비밀유지", "Secrecy, both ways"),
        Words(
            "양쪽 모두 상대의 기술자료를 비밀로 지키고, 일에 필요한 사람만 보게 하며, 서면 동의 "
            "없이 다른 곳에 넘기거나 공개하지 않습니다. 계약 기간과 그 뒤 3년 동안 지킵니다.",
            "Each side keeps the other's technology data secret, shows it only to people who need "
            "it for their work, and passes it to nobody without written consent: for the term of "
            "this agreement and three years after.",
        ),
    ),
    Part(
        "term",
        Words("기간", "Term"),
        Words(
            "동의한 날부터 어느 한쪽이 끝낼 때까지입니다. 계약서는 끝난 뒤에도 7년 동안 "
            "허브에 보관되며, 양쪽 모두 내려받을 수 있습니다.",
            "From the day of your consent until either side ends it. "
            "The record is kept here for seven years, and both sides can download it.",
        ),
    ),
    Part(
        "return",
        Words("반환과 폐기", "Giving back"),
        Words(
            "계약이 끝나면 모델은 PC가 허브에 다음에 연결될 때 지워지고, {provider}은(는) 받은 "
            "항목을 30일 안에 폐기합니다. 모델로 얻은 결과는 {receiver}에 남습니다.",
            "When it ends, the model is removed from your PCs when they next reach the hub, and "
            "{provider} destroys what it got within 30 days. What was found out with the model "
            "remains {receiver}'s.",
        ),
    ),
    Part(
        "end",
        Words("종료", "How it ends"),
        Words(
            "어느 쪽이든 허브에서 알리면 곧바로 끝납니다. 그 뒤에는 이 모델의 제안이 오지 않으며, "
            "다시 동의하면 다시 시작됩니다. 끝냈다는 이유로 거래에 불이익을 주지 않습니다.",
            "Either side ends it at once by saying so here. No offers of this model come after "
            "that, until both agree again. Nobody is put at a disadvantage for ending it.",
        ),
    ),
    Part(
        "damages",
        Words("손해배상", "Breach"),
        Words(
            "이를 어겨 생긴 손해는 어긴 쪽이 관계 법령에 따라 배상합니다.",
            "Whoever breaks this agreement makes the damage good, as the law says.",
        ),
    ),
    _COST,
)

TEXTS: Mapping[str, tuple[Part, ...]] = {
    "technology-data-2026-1": _FIRST,
    TERMS: _SECOND,
}


def parts(terms: str, provider: str, receiver: str, model: Words) -> list[Part]:
    """The clauses of one text between these two firms about this model.

    >>> parts(TERMS, "A", "B", Words("모델", "a model"))[0].text.en
    'A provides the model. B receives it.'
    """
    gaps = {
        "provider": Words(provider, provider),
        "receiver": Words(receiver, receiver),
        "model": model,
    }
    return [part._replace(text=part.text.filled(gaps)) for part in TEXTS.get(terms, _SECOND)]


def as_text(terms: str, clauses: list[Part]) -> str:
    """The whole agreement as plain text, Korean first; what is kept of what was agreed to."""
    return "\n\n".join(
        "\n\n".join(
            [head, *(f"{n}. {p.title.in_(to)}\n{p.text.in_(to)}" for n, p in enumerate(clauses, 1))]
        )
        for to, head in (
            ("ko", f"기술자료 비밀유지계약 ({terms})"),
            ("en", f"Technology-data agreement ({terms})"),
        )
    )
