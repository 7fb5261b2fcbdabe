"""Korean is complete, agrees with itself, and fills the same gaps; compiling is safe."""

import os
import re
import threading
from gettext import GNUTranslations

import pytest

from hub.errors import TranslationsDisagree, TranslationsNotWritten
from hub.translations import compiled, merged, read
from tests.hub.texts import po_files, used

GAP = re.compile(r"%\((\w+)\)s|%%")
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'


@pytest.fixture(scope="module")
def wanted():
    return used()


@pytest.fixture(scope="module")
def korean():
    return {message.id: message for path in po_files() for message in read(path)}


def strings(message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_has_a_korean_translation(wanted, korean) -> None:
    # A plural and its singular alone are one entry in gettext; Korean has one form.
    have = {k for k, m in korean.items() if all(strings(m))}
    have |= {k[0] for k in have if isinstance(k, tuple)}
    missing = {text: sorted(where) for text, where in wanted.items() if text not in have}
    assert not missing, "\n".join(
        f"{where}: {text!r}" for text, where in sorted(missing.items(), key=lambda item: item[1])
    )


def test_nothing_is_translated_that_nobody_says(wanted, korean) -> None:
    said = set(wanted) | {k[0] for k in wanted if isinstance(k, tuple)}
    assert [k for k in korean if k not in said] == []


def test_translations_fill_the_same_gaps(korean) -> None:
    def gaps(text: str) -> set[str]:
        return {g for g in GAP.findall(text) if g}

    wrong = []
    for key, message in korean.items():
        allowed = gaps(key if isinstance(key, str) else key[-1])
        wrong += [s for s in strings(message) if s and gaps(s) != allowed]
    assert wrong == []


def test_nothing_is_fuzzy_or_obsolete() -> None:
    for path in po_files():
        assert not any(message.fuzzy for message in read(path)), path.name
        assert "\n#~ " not in path.read_text(encoding="utf-8"), path.name


def test_rooms_agree() -> None:
    merged(po_files())


def write(folder, name: str, *pairs: tuple[str, str]):
    (folder / "ko").mkdir(parents=True, exist_ok=True)
    entries = "".join(f'\nmsgid "{a}"\nmsgstr "{b}"\n' for a, b in pairs)
    (folder / "ko" / name).write_text(HEADER + entries, encoding="utf-8")


def catalog(folder) -> GNUTranslations:
    with (compiled(folder) / "ko" / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        return GNUTranslations(file)


def test_files_of_all_rooms_are_compiled_and_again_when_one_changes(tmp_path) -> None:
    write(tmp_path, "one.po", ("Home", "홈"))
    write(tmp_path, "two.po", ("Sheet", "명단"), ("Home", "홈"))
    assert catalog(tmp_path).gettext("Sheet") == "명단"
    write(tmp_path, "two.po", ("Sheet", "협력사 명단"))
    later = (tmp_path / "ko" / "LC_MESSAGES" / "messages.mo").stat().st_mtime + 5
    os.utime(tmp_path / "ko" / "two.po", (later, later))
    assert catalog(tmp_path).gettext("Sheet") == "협력사 명단"


def test_two_translations_of_one_text_are_named(tmp_path) -> None:
    write(tmp_path, "one.po", ("Home", "홈"))
    write(tmp_path, "two.po", ("Home", "집"))
    with pytest.raises(TranslationsDisagree, match=r"one\.po and two\.po .*: Home"):
        compiled(tmp_path)


def test_a_folder_that_cannot_be_written_is_fine_while_nothing_changed(tmp_path) -> None:
    write(tmp_path, "one.po", ("Home", "홈"))
    compiled(tmp_path)
    made = tmp_path / "ko" / "LC_MESSAGES" / "messages.mo"
    before = made.stat().st_mtime_ns
    compiled(tmp_path)
    assert made.stat().st_mtime_ns == before


def test_a_folder_that_cannot_be_written_is_named_when_it_has_to_be(tmp_path) -> None:
    write(tmp_path, "one.po", ("Home", "홈"))
    (tmp_path / "ko" / "LC_MESSAGES").write_text("a file where the folder should be")
    with pytest.raises(TranslationsNotWritten, match="LC_MESSAGES"):
        compiled(tmp_path)


def test_two_at_once_leave_one_whole_file(tmp_path) -> None:
    write(tmp_path, "one.po", *[(f"Text {n}", f"글 {n}") for n in range(500)])
    threads = [threading.Thread(target=compiled, args=(tmp_path,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalog(tmp_path).gettext("Text 499") == "글 499"
    assert [p.name for p in (tmp_path / "ko" / "LC_MESSAGES").iterdir()] == ["messages.mo"]
