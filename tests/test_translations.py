"""Every string has its Chinese, with the same placeholders, and says it in the field's own terms."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.utils.translation import override

from dispatch.workflow import VERBS
from events.models import State, Urgency
from grid_platform import translations

STATIC = Path(translations.PROJECT, "static", "grid")
COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
CHINESE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")

STATES = {
    "reported": "待受理",
    "accepted": "待派单",
    "dispatched": "待签收",
    "handling": "处置中",
    "fed_back": "待核查",
    "closed": "已结案",
    "on_hold": "挂账",
    "rejected": "不予受理",
    "merged": "并案",
    "void": "作废",
}


def catalogue(source: str, chinese: str, **more) -> Catalog:
    made = Catalog(locale="zh_Hans")
    made.add(source, chinese, **more)
    return made


def found_about(source: str, faults: list[str]) -> list[str]:
    return [fault.split(":")[0] for fault in faults if fault.endswith(f": {source}")]


def test_the_chinese_catalogue_is_complete():
    faults = translations.faults(translations.read())
    assert faults == [], "run manage.py update_translations, then translate what it names"


@pytest.mark.parametrize(
    ("made", "fault"),
    [
        (Catalog(locale="zh_Hans"), "missing"),
        (catalogue("%(span)s left", ""), "not translated"),
        (catalogue("%(span)s left", "剩余 %(span)s", flags={"fuzzy"}), "not translated"),
        (catalogue("%(span)s left", "剩余 %(spam)s"), "other placeholders"),
        (catalogue("%(span)s left", "剩余 {span}"), "other placeholders"),
    ],
)
def test_a_missing_empty_fuzzy_or_wrong_translation_is_told(made: Catalog, fault: str):
    assert found_about("%(span)s left", translations.faults(made)) == [fault]


def test_a_string_that_no_source_has_any_more_is_told():
    made = catalogue("No source says this.", "没有")
    assert found_about("No source says this.", translations.faults(made)) == ["left over"]


def test_strings_of_templates_are_read_as_django_reads_them(tmp_path: Path):
    (tmp_path / "page.html").write_text(
        """{% load i18n %}{% translate "One line" context "place" %}
        {% blocktranslate trimmed count n=events|length %}
            {{ n }} event
        {% plural %}
            {{ n }} events
        {% endblocktranslate %}
        <a title="{{ _("In a filter")|upper }}">it's</a>""",
        encoding="utf-8",
    )
    found = {(message.context, message.id) for message in translations.collect(tmp_path) if message.id}
    assert found == {
        ("place", "One line"),
        (None, ("%(n)s event", "%(n)s events")),
        (None, "In a filter"),
    }


def test_one_string_with_and_without_a_plural_is_refused(tmp_path: Path):
    (tmp_path / "words.py").write_text('_("returned"); ngettext("returned", "returned %(n)s times", 2)\n')
    with pytest.raises(translations.MixedPluralError, match="returned"):
        translations.collect(tmp_path)


def test_updating_keeps_translations_and_drops_what_is_gone(tmp_path: Path):
    path = tmp_path / "django.po"
    path.write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "%(span)s left"\nmsgstr "还剩 %(span)s"\n\nmsgid "Gone"\nmsgstr "没了"\n',
        encoding="utf-8",
    )
    translations.update(path)
    updated = translations.read(path)
    assert updated.get("%(span)s left").string == "还剩 %(span)s"
    assert updated.get("Gone") is None
    assert len(updated) == len(translations.collect())


def test_states_and_verbs_are_named_as_the_field_names_them():
    with override("zh-hans"):
        assert {state.value: str(state.label) for state in State} == STATES
        assert [str(urgency.label) for urgency in Urgency] == ["一般", "紧急", "特急"]
        assert all(
            CHINESE.search(f"{verb.label}") and CHINESE.search(f"{verb.done}") for verb in VERBS.values()
        )
    with override("en"):
        assert str(State.REPORTED.label) == "to accept"


def test_the_browsers_modules_have_no_words_of_their_own():
    modules = sorted(STATIC.glob("**/*.js"))
    assert modules
    code = {module.name: COMMENT.sub("", module.read_text(encoding="utf-8")) for module in modules}
    assert [name for name, lines in code.items() if CHINESE.search(lines)] == []


def test_nobody_is_addressed_in_two_ways():
    formal = [message.id for message in translations.read() if "您" in str(message.string)]
    assert formal == []
