"""axe-core reads the main pages as three people see them: nothing serious for a screen reader, a keyboard, weak eyes."""

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from events.models import State
from incidents.plans import load_plans
from tests.browser.people import DESKTOP, PHONE, Office
from tests.cast import Cast, Story, story_at
from tests.complaints.test_complaining import written

AXE = Path(settings.BASE_DIR, "node_modules/axe-core/axe.min.js")
RUN = """async () => (await axe.run({preload: false, resultTypes: ["violations"]})).violations
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => `${rule.id}: ${rule.nodes.map((node) => node.target.join(" ")).join(", ")}`)"""


def test_axe_finds_nothing_serious_on_the_main_pages(chromium, site, settings):
    settings.DEMO_MODE = True
    event = story_at(Cast(), State.HANDLING).event
    load_plans(district=Cast().district)
    waiting = Story(Cast(), at=timezone.now()).report().route().event
    complaint = written(Cast().fire)
    office, script, found = Office(chromium, site), AXE.read_text(encoding="utf-8"), {}
    for name, device, paths in [
        ("director", DESKTOP, ["/", f"/?open={waiting.pk}", "/events/?q=1", "/incidents/", "/areas/places/"]),
        ("city", PHONE, ["/", f"/events/{event.pk}/"]),
        ("centre", DESKTOP, ["/centre/", "/letters/", "/help/"]),
        ("admin", DESKTOP, ["/complaints/box/", f"/complaints/{complaint.pk}/"]),
        ("fire", PHONE, ["/complaints/"]),
        ("system", DESKTOP, ["/incidents/plans/", "/incidents/plans/gas/", "/incidents/plans/gas/change/"]),
        ("system", PHONE, ["/incidents/plans/gas/change/"]),
        (
            "system",
            DESKTOP,
            ["/rules/settings/", "/rules/routing/", "/rules/routing/rule/", "/rules/routing/try/"],
        ),
        (
            "system",
            DESKTOP,
            ["/rules/calendar/", "/imports/", "/imports/people/", "/webhooks/", "/webhooks/new/"],
        ),
        ("system", DESKTOP, ["/accounts/tokens/", "/accounts/people/", "/accounts/people/new/"]),
        (
            "system",
            PHONE,
            ["/rules/settings/", "/rules/routing/rule/", "/accounts/log-ins/", "/webhooks/new/"],
        ),
        ("director", DESKTOP, ["/rules/phrases/", "/exports/", "/exports/new/", "/inbox/", "/checklist/"]),
        (
            "director",
            DESKTOP,
            [f"/events/{event.pk}/order/", f"/events/{event.pk}/file/", "/supervision/rates/"],
        ),
        ("audit", DESKTOP, ["/accounts/audit/"]),
        ("security", DESKTOP, ["/accounts/authenticator/", "/accounts/password/", "/exports/approvals/"]),
    ]:
        page = office.page_of(name)
        page.set_viewport_size(device["viewport"])
        for path in paths:
            answer = page.goto(site + path, wait_until="networkidle")
            assert answer and answer.ok, path
            page.evaluate(script)
            if serious := page.evaluate(RUN):
                found[f"{name} {path}"] = serious
    office.close()

    assert found == {}
