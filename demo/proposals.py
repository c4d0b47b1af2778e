"""What the desks are proposed, set up by the real actions: a matter told twice from one corner, and phrases of one's own."""

import uuid
from datetime import datetime, timedelta
from io import BytesIO

from accounts.models import Organization, User
from accounts.scope import Actor
from demo.cast import file_of
from demo.people import GRID, STREET
from dispatch.advance import advance
from dispatch.evidence import attach
from dispatch.models import Phrase
from dispatch.phrases import save_phrase
from dispatch.report import report
from events.models import Event, Evidence
from grids.models import District

ITEM, PICTURE = "30202", "vendor"
TOLD = (
    ("worker", 38, 0.0, "早餐店桌椅摆到人行道上，行人只能走机动车道。"),
    ("leader", 6, 0.00022, "人行道被早餐店的桌椅占了，推婴儿车过不去。"),
)
"""Who, how many minutes ago, so many degrees north, in which words."""
PHRASES = (
    ("dispatcher", "dispatch", "", "请{lead}到场后先拍照再处置，{deadline}前反馈，有困难请致电指挥室。"),
    ("director", "urge", "", "请{lead}今天下班前报进展，{number}已列入街道日清单。"),
)


def load_proposals(*, district: District, now: datetime) -> None:
    """Two reports of the same tables on the pavement, and a phrase of the dispatcher's and of the room's."""
    corner = Event.objects.filter(area_code=GRID).exclude(longitude=None).order_by("recorded_at").first()
    if corner is None:
        return
    for number, (name, minutes, north, words) in enumerate(TOLD):
        _tell(district, name, number, words, corner, north=north, at=now - timedelta(minutes=minutes))
    room = Organization.objects.get(district=district, code=f"ZHZX@{STREET}")
    for name, verb, prefix, text in PHRASES:
        phrase = Phrase(district=district, verb=verb, item_prefix=prefix, text_zh=text)
        if name == "director":
            phrase.organization = room
        else:
            phrase.person = User.objects.get(username=name)
        save_phrase(phrase=phrase)


def _tell(
    district: District, name: str, number: int, words: str, corner: Event, *, north: float, at: datetime
) -> None:
    reporter = Actor.of(User.objects.select_related("district").get(username=name))
    photo, sha256 = file_of(Evidence.Kind.BEFORE, PICTURE, number)
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"demo proposals {number}")
    data = {
        "item": ITEM,
        "area_code": GRID,
        "longitude": corner.longitude,
        "latitude": (corner.latitude or 0) + north,
        "address": "凯旋路120号早餐店门前",
        "description": words,
        "photos": [{"kind": Evidence.Kind.BEFORE, "sha256": sha256}],
    }
    report(actor=reporter, event_id=key, data=data, now=at)
    attach(
        actor=reporter, event_id=key, kind=Evidence.Kind.BEFORE, upload=BytesIO(photo), sha256=sha256, now=at
    )
    advance("route", actor=Actor.system(district), event_id=key, now=at)
