"""Texts cut into lexemes, and what somebody typed into a question: pure functions."""

import random

import pytest
import rjieba

from search import asking, words


class Hangzhou:
    pk = "330104"


@pytest.fixture(autouse=True)
def names(monkeypatch):
    monkeypatch.setattr(asking, "names_of", lambda district: frozenset({"凯旋街道", "占道经营"}))


@pytest.mark.parametrize(
    ("typed", "query", "number"),
    [
        ("摊贩", "('摊贩')", ""),
        ("菜市场", "('菜市场')", ""),
        ("占道经营", "(('占道经营' | '占道' & '道经' & '经营'))", ""),
        ("凯旋街道摊贩", "(('凯旋街道' | '凯旋' & '旋街' & '街道') & '摊贩')", ""),
        ("杂物堵", "('杂物' & '物堵')", ""),
        ("路", "('路')", ""),
        ("3号楼", "('3' <1> '号楼')", ""),
        ("noodle shop", "('noodle':*) & ('shop':*)", ""),
        ("摊贩　-噪音", "('摊贩') & !('噪音')", ""),
        ("“占道 经营”", "('占道' <2> '经营')", ""),
        ("33010420190304", "", "33010420190304"),
        ("33010420190304 摊贩", "('摊贩')", "33010420190304"),
        ("00012", "('00012')", ""),
        ("ＡＢＣ", "('abc':*)", ""),
        ("a\0b", "('a') & ('b')", ""),
        ("it's :* & | ! <-> \\ 'x' ()", "('it':* & 's') & ('x')", ""),
        ('"', "", ""),
        ("-", "", ""),
        ("。、！", "", ""),
    ],
)
def test_what_is_typed_becomes_a_question(typed, query, number):
    found = asking.asked(typed, Hangzhou)
    assert (found.query, found.number) == (query, number)


def test_a_hit_has_every_lexeme_but_what_begins_so_and_what_is_left_out():
    assert asking.asked("杂物堵 -噪音 “3号” noodle", Hangzhou).lexemes == ("杂物", "物堵", "3", "号")


@pytest.mark.parametrize(
    "typed",
    [
        "13912345678",
        "+86 139-1234-5678",
        "１３９１２３４５６７８",
        "0571-87654321",
        "33010419900101123x",
        "摊贩 13912345678",
    ],
)
def test_a_persons_number_is_no_word(typed):
    found = asking.asked(typed, Hangzhou)
    assert found.personal and not found.query and not found.terms


def test_a_very_long_question_is_bounded():
    for text in ("摊" * 10_000, "x " * 5_000, "a" * 10_000, '"' * 10_000, "-" * 10_000):
        assert len(asking.asked(text, Hangzhou).query) < 3_000


@pytest.mark.parametrize(
    "text",
    [
        "电话13912345678找他",
        "１３９ １２３４ ５６７８",
        "0571-87654321",
        "330104199001011234",
        "(0571) 87654321",
        "+8613912345678",
    ],
)
def test_nothing_of_a_persons_number_is_kept(text):
    kept = words.vector([(text, "A")])
    assert not any(sign.isdigit() for lexeme in kept.split() for sign in lexeme.split(":")[0]), kept


def test_no_sign_of_a_literal_gets_into_a_lexeme():
    kept = words.vector([("'quoted' \\ back:1A, 摊'贩\n\t<script>", "A")])
    lexemes = [part.split(":")[0] for part in kept.split()]
    assert {lexeme.strip("'") for lexeme in lexemes} == {"quoted", "back", "1a", "摊", "贩", "script"}


def test_every_dictionary_word_is_kept_where_it_stands():
    """What the question takes for one lexeme must be one wherever a text holds it."""
    signs = "凯旋路菜市场消防通道占用居民小区电动车充电垃圾分类物业管理施工噪音人民政府街道办事处"
    dice = random.Random(1)
    for _ in range(300):
        text = "".join(dice.choice(signs) for _ in range(30))
        kept = {part.split(":")[0].strip("'") for part in words.vector([(text, "A")]).split()}
        for n in range(30):
            for m in range(n + 3, min(n + 8, 31)):
                assert text[n:m] in kept or not rjieba.has_word(text[n:m])
