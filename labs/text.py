"""A text in both languages, as labs' content carries it. Pure."""

from pydantic import BaseModel, ConfigDict


class Text(BaseModel):
    """The same said in Korean and in English."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ko: str
    en: str

    def in_(self, locale: str) -> str:
        """The reader's half; Korean unless it is English.

        >>> Text(ko="실습", en="lab").in_("en")
        'lab'
        """
        return self.en if locale == "en" else self.ko
