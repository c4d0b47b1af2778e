"""Draws the loop: docs/loop.md, made from the table and never by hand.

A row whose target is empty leaves the state alone and is no arrow. States in which somebody still has to act
stand in one box, so that a verb possible in all of them is one arrow.
"""

import csv
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from django.utils.translation import override

from accounts.actions import DATA
from dispatch.workflow import VERBS, Input, Relation, Verb, Who, Words
from events.models import OPEN_STATES, State

LOOP = Path(__file__).resolve().parent.parent / "docs" / "loop.md"

STANDING = {
    Relation.ANYWHERE: "whoever holds",
    Relation.AREA: "a post over the place with",
    Relation.DESK: "the desk, with",
    Relation.LEAD: "the lead, with",
    Relation.ASSISTANT: "an assistant, with",
    Relation.SAMPLER: "the sampler, with",
    Relation.ASKED: "the desk asked to take it, with",
    Relation.REPORTER: "the reporter",
    Relation.DISTRICT: "the district centre, with",
    Relation.COMMAND: "the command room or centre over the place, with",
    Relation.SYSTEM: "the system",
}

PAGE = """# The loop

Made by `manage.py draw_loop` from the table in `dispatch/workflow.py`; a test asserts that it is current. The
words behind each row: [rules.md](rules.md), sections 3 to 6.

## What people do

```mermaid
{people}
```

Verbs that leave the state alone are no arrows: {still}.

## What the clocks do

```mermaid
{system}
```

Without an arrow: {still_system}.

## Every verb

Conditions are named by the code of their refusal. Needs in brackets may be left out.

| code | 中文 | English | from | to | who | needs | unless refused by |
|---|---|---|---|---|---|---|---|
{rows}

## Who holds a permission

The roles are data (`accounts/data/roles.csv`); a post gives a role's permissions on its organisation and on that
organisation's area.

| permission | roles |
|---|---|
{permissions}
"""


def draw() -> str:
    """The whole page, in Markdown with Mermaid diagrams."""
    people = [verb for verb in VERBS.values() if not verb.is_system]
    system = [verb for verb in VERBS.values() if verb.is_system]
    return PAGE.format(
        people=_diagram(people),
        still=_still(people),
        system=_diagram(system),
        still_system=_still(system),
        rows="\n".join(_row(verb) for verb in VERBS.values()),
        permissions="\n".join(_permissions()),
    )


def _diagram(verbs: Iterable[Verb]) -> str:
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for verb in verbs:
        label = f"{_chinese(verb.label)} {verb.code}"
        for target in verb.target:
            for source in _sources(verb):
                if source != target:
                    arrows[source, target].append(label)
    drawn = {state for arrow in arrows for state in arrow}
    if "open" in drawn:
        drawn.update(OPEN_STATES)
    names = {
        state: f"{state.value}: {_chinese(state.label)} {state.value}" for state in State if state in drawn
    }
    still_open = [f"    {name}" for state, name in names.items() if state in OPEN_STATES]
    ended = [name for state, name in names.items() if state not in OPEN_STATES]
    lines = ["stateDiagram-v2", *ended, "state open {", *still_open, "}"]
    lines += [f"{source} --> {target}: {', '.join(labels)}" for (source, target), labels in arrows.items()]
    return "\n".join([lines[0], *(f"    {line}" for line in lines[1:])])


def _sources(verb: Verb) -> list[str]:
    if verb.creates:
        return ["[*]"]
    if set(verb.sources) >= set(OPEN_STATES):
        return ["open", *(state.value for state in verb.sources if state not in OPEN_STATES)]
    return [state.value for state in verb.sources]


def _still(verbs: Iterable[Verb]) -> str:
    return ", ".join(f"{_chinese(verb.label)} `{verb.code}`" for verb in verbs if not verb.target)


def _row(verb: Verb) -> str:
    cells = [
        f"`{verb.code}`",
        _chinese(verb.label),
        _english(verb.label),
        _from(verb),
        ", ".join(verb.target) or "stays",
        "; ".join(_who(who) for who in verb.who),
        ", ".join(_need(need) for need in verb.needs) or "-",
        ", ".join(f"`{condition.code}`" for condition in verb.when) or "-",
    ]
    return f"| {' | '.join(cells)} |"


def _from(verb: Verb) -> str:
    if verb.creates:
        return "-"
    if len(verb.sources) == len(State):
        return "any"
    return "any open" if set(verb.sources) == set(OPEN_STATES) else ", ".join(verb.sources)


def _who(who: Who) -> str:
    words = f"{STANDING[who.relation]} `{who.permission}`" if who.permission else STANDING[who.relation]
    return f"{words} (else `{who.only.code}`)" if who.only else words


def _need(need: Input) -> str:
    return f"`{need.name}`" if need.required else f"[`{need.name}`]"


def _permissions() -> list[str]:
    roles = defaultdict(list)
    with (DATA / "roles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for permission in f"{row['area_permissions']} {row['organization_permissions']}".split():
                roles[permission].append(f"{row['name_zh']} {row['name_en']}")
    used = dict.fromkeys(who.permission for verb in VERBS.values() for who in verb.who if who.permission)
    return [f"| `{permission}` | {', '.join(roles[permission])} |" for permission in used]


def _chinese(words: Words) -> str:
    with override("zh-hans"):
        return str(words)


def _english(words: Words) -> str:
    with override("en"):
        return str(words)
