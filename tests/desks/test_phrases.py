"""Phrases: what may stand in them, whose they are, where they are offered, and that each use counts once."""

import pytest
from django.urls import reverse

from accounts.scope import scope_of
from dispatch.models import Phrase
from dispatch.phrases import PhraseError, check_text, load_phrases, offered, rendered, verbs_with_text
from tests.cast import GAMBLING, ROOM, SHOP_IN_ROAD, Story, unit

PAGE = reverse("rules:phrases")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{item} at {place} by {deadline}: {lead} {number}", None),
        ("no placeholder", None),
        ("{phone}", "unknown_placeholder"),
        ("{item.category}", "unknown_placeholder"),
        ("{}", "unknown_placeholder"),
        ("{item!r}", "unknown_placeholder"),
        ("a { alone", "lone_brace"),
        ("{{item}}", "lone_brace"),
    ],
)
def test_only_known_placeholders_are_taken(text, code):
    if code is None:
        return check_text(text)
    with pytest.raises(PhraseError) as refused:
        check_text(text)
    assert refused.value.code == code


def test_a_value_is_never_read_as_a_placeholder():
    assert rendered("{place}: {item} {lead}", {"item": "{place}", "place": "A"}) == "A: {place} {lead}"


def test_the_products_list_is_loaded_once_and_what_was_taken_away_stays_away(cast):
    verbs = set(Phrase.objects.values_list("verb", flat=True))
    assert verbs and verbs <= set(verbs_with_text())
    number = Phrase.objects.count()
    Phrase.objects.filter(code="accept_ok").update(is_active=False, text_zh="改过")
    assert load_phrases(district=cast.district) == number == Phrase.objects.count()
    assert not Phrase.objects.get(code="accept_ok").is_active


def test_a_phrase_is_offered_for_its_verb_and_item_to_its_owners(cast):
    given = {"district": cast.district, "verb": "accept"}
    Phrase.objects.all().delete()
    for text, more in {
        "all": {},
        "shops": {"item_prefix": SHOP_IN_ROAD[:3]},
        "gambling": {"item_prefix": GAMBLING},
        "room": {"organization": unit(ROOM)},
        "mine": {"person": cast.acceptor},
        "theirs": {"person": cast.director},
        "other verb": {"verb": "dispatch"},
    }.items():
        Phrase.objects.create(**(given | {"text_zh": text} | more))
    event = Story(cast).report().route().event

    def texts(name: str) -> list[str]:
        person = getattr(cast, name)
        return [row.text for row in offered(event, "accept", person, scope_of(person))]

    assert texts("acceptor") == ["mine", "room", "all", "shops"]
    assert texts("community") == ["all", "shops"]


def test_the_form_offers_them_filled_in_and_a_use_is_counted_once(cast, enter):
    story, browser = Story(cast).report(address="凯旋路 8 号").route(), enter("acceptor")
    phrase = Phrase.objects.get(code="accept_urgent")
    address = reverse("desks:move", args=[story.id, "accept"])

    text = browser.get(address).content.decode()
    assert 'data-text="There is a danger at 凯旋路 8 号; accepted' in text

    browser.post(address, {"note": "x", "phrase": [phrase.pk, phrase.pk, "0", "x"]})
    phrase.refresh_from_db()
    assert phrase.uses == 1


@pytest.mark.parametrize(
    ("who", "owner", "status"),
    [
        ("worker", "mine", 302),
        ("worker", "district", 400),
        ("acceptor", "room", 400),
        ("director", "room", 302),
        ("admin", "district", 302),
    ],
)
def test_who_keeps_which(cast, enter, who, owner, status):
    owner = str(unit(ROOM).pk) if owner == "room" else owner
    sent = {"owner": owner, "verb": "accept", "text_zh": "请尽快 {item}"}
    assert enter(who).post(PAGE, sent).status_code == status
    assert Phrase.objects.filter(text_zh="请尽快 {item}").count() == (status == 302)


def test_another_persons_phrase_is_not_found_and_a_bad_one_is_refused(cast, enter):
    theirs = Phrase.objects.create(
        district=cast.district, verb="accept", text_zh="secret", person=cast.director
    )
    browser = enter("worker")
    assert browser.get(PAGE, {"phrase": theirs.pk}).status_code == 404
    assert browser.post(PAGE, {"phrase": theirs.pk, "act": "remove"}).status_code == 404
    assert "secret" not in browser.get(PAGE).content.decode()

    refused = browser.post(PAGE, {"owner": "mine", "verb": "accept", "text_zh": "{phone}"})
    assert refused.status_code == 400
    assert "There is no placeholder {phone}" in refused.content.decode()


def test_one_is_changed_and_taken_away(cast, enter):
    mine = Phrase.objects.create(district=cast.district, verb="accept", text_zh="old", person=cast.worker)
    browser = enter("worker")
    browser.post(PAGE, {"phrase": mine.pk, "owner": "mine", "verb": "urge", "text_zh": "new"})
    mine.refresh_from_db()
    assert (mine.verb, mine.text_zh) == ("urge", "new")
    browser.post(PAGE, {"phrase": mine.pk, "act": "remove"})
    mine.refresh_from_db()
    assert not mine.is_active
