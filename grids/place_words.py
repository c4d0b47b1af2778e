"""What a named place is found by: its name and aliases, their pinyin and initials, and its address.

A term a line, in small letters of normal width without blanks: 嘉泰小区, jtxq, jiataixiaoqu. Characters that are
read in more than one way get the reading of the word they stand in.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from types import ModuleType

RUNS = re.compile(r"([\u4e00-\u9fff]+)|([a-z0-9]+)")
OF_PLACES = {ord("幢"): "zhuàng", ord("弄"): "lòng"}
"""Counting buildings and naming lanes, they are read so; elsewhere they hardly stand in a place's name."""


def plain(text: str) -> str:
    """As terms are kept and asked for."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def initials_and_pinyin(name: str) -> tuple[str, str]:
    """('jtxq3z', 'jiataixiaoqu3zhuang') of 嘉泰小区3幢; digits and letters stay as they are."""
    initials, whole = [], []
    for chinese, other in RUNS.findall(plain(name)):
        syllables = _syllables(chinese) if chinese else ()
        initials += [syllable[0] for syllable in syllables] or [other]
        whole += syllables or [other]
    return "".join(initials), "".join(whole)


@lru_cache(maxsize=8192)
def _syllables(chinese: str) -> tuple[str, ...]:
    """Kept, for a list names the same estate once for each of its buildings."""
    return tuple(_readings().lazy_pinyin(chinese))


@cache
def _readings() -> ModuleType:
    """Imported when first asked: its phrases take half a second and 40 MB of every process, and few read names."""
    import pypinyin

    pypinyin.load_single_dict(OF_PLACES)
    return pypinyin


def words_of(full_name: str, aliases: Iterable[str] = (), address: str = "") -> str:
    """Every term of a place, the name's first."""
    terms: dict[str, None] = {}
    for name in (full_name, *aliases):
        terms |= dict.fromkeys([plain(name), *initials_and_pinyin(name)])
    terms |= {plain(address): None}
    return "\n".join(term for term in terms if term)
