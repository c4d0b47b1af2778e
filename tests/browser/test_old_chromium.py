"""The pages as Chromium 86 paints them: what it cannot read in the style sheets, Tabler's included, is taken out of them.

Its scripts and the product's own sheets are linted (package.json's "browserslist"); Tabler's sheet is not ours to lint.
"""

from events.models import State
from tests.browser.people import DESKTOP, Office
from tests.cast import Cast, story_at

# A selector it does not know takes its whole rule along. A function it does not know goes unnoticed where the value has a
# variable, and voids the value when it is used; elsewhere the parser drops the declaration, as it does with 'unknown()'.
AGE = r"""() => {
    const selectors = /:(is|where|has|user-invalid|popover-open)\b|:not\([^()]*,/;
    const functions = /\b(light-dark|color-mix|oklch|oklab)\(/g;
    const age = (rules) => {
        for (let index = rules.cssRules.length - 1; index >= 0; index -= 1) {
            const rule = rules.cssRules[index];
            if (rule.selectorText && selectors.test(rule.selectorText)) rules.deleteRule(index);
            else if (rule.style) rule.style.cssText = rule.style.cssText.replace(functions, "unknown(");
            else if (rule.cssRules) age(rule);
        }
    };
    for (const sheet of document.styleSheets) age(sheet);
}"""
COLOURS = """() => [...document.querySelectorAll("main a, main button, main input, main select, main textarea, main h1, main code")]
    .filter((node) => node.offsetWidth && node.type !== "hidden")
    .map((node) => {
        const style = getComputedStyle(node);
        const name = node.tagName.toLowerCase() + [...node.classList].map((each) => `.${each}`).join("");
        return `${name}: ${style.color} on ${style.backgroundColor}, border ${style.borderTopColor}`;
    })"""
RING = """() => { const style = getComputedStyle(document.activeElement);
    return style.outlineStyle === "none" && document.activeElement !== document.body ? document.activeElement.outerHTML.slice(0, 120) : ""; }"""


def test_chromium_86_paints_buttons_fields_links_and_where_the_keyboard_is(chromium, site, settings):
    settings.DEMO_MODE = True
    event = story_at(Cast(), State.REPORTED).event
    office = Office(chromium, site)
    for name, path in [
        ("director", f"/events/{event.pk}/"),
        ("director", f"/events/{event.pk}/moves/reject/"),
        ("system", "/rules/settings/"),
        ("system", "/accounts/tokens/"),
    ]:
        page = office.page_of(name)
        page.set_viewport_size(DESKTOP["viewport"])
        page.emulate_media(reduced_motion="reduce")  # No colour half-way to another.
        answer = page.goto(site + path, wait_until="networkidle")
        assert answer and answer.ok, path
        today = page.evaluate(COLOURS)
        page.evaluate(AGE)
        assert page.evaluate(COLOURS) == today, path
        for _ in range(25):
            page.keyboard.press("Tab")
            assert page.evaluate(RING) == "", path
    office.close()
