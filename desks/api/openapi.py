"""How the API describes itself in OpenAPI: what an operation needs of a token, and how every one may refuse."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

SCOPES = "x-token-scopes"
REFUSALS = {
    "400": gettext_lazy("Some of the input cannot be used: fields says which, why, and what to do"),
    "401": gettext_lazy("Nobody is logged in, or the token is not valid"),
    "403": gettext_lazy("This person or this token may not do that"),
    "404": gettext_lazy("It is not there, or not for you"),
    "409": gettext_lazy("It is not possible in the present state, or was done before with other content"),
    "412": gettext_lazy("The event has moved on since the version of If-Match"),
    "413": gettext_lazy("The body is too large"),
    "415": gettext_lazy("The body is of another type than described"),
    "429": gettext_lazy("Too many requests: wait the seconds of Retry-After"),
}
PARTS = {
    "events": pgettext_lazy("api", "Events: lists, reports, moves"),
    "moves": pgettext_lazy("api", "One move for many events"),
    "evidence": pgettext_lazy("api", "Photos and documents"),
    "incidents": pgettext_lazy("api", "Major incidents"),
    "inbox": pgettext_lazy("api", "Inbox"),
    "rates": pgettext_lazy("api", "Rates"),
    "items": pgettext_lazy("api", "Checklist"),
    "areas": pgettext_lazy("api", "Areas"),
    "boundaries": pgettext_lazy("api", "Boundaries"),
    "locate": pgettext_lazy("api", "Which grid a point lies in"),
    "places": pgettext_lazy("api", "Address book"),
    "organizations": pgettext_lazy("api", "Organisations"),
    "tasks": pgettext_lazy("api", "What waits for me"),
    "month": pgettext_lazy("api", "My month"),
    "push": pgettext_lazy("api", "Hints to phones"),
    "complaints": pgettext_lazy("api", "Complaint box"),
    "me": pgettext_lazy("api", "Who is asking"),
}
"""The first parts of the addresses, in the order of the page, in words."""
EVERYWHERE = ("400", "401", "403", "404", "429")
WITH_A_BODY = ("409", "413", "415")
REFUSAL: dict[str, Any] = {
    "type": "object",
    "description": gettext_lazy(
        "A refusal: a stable code, words in the reader's language, what is wrong with which field. "
        "That of a move tells the present state."
    ),
    "required": ["code", "message", "fields"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
                },
            },
        },
        "state": {"type": "string"},
        "version": {"type": "integer"},
        "last": {
            "type": "object",
            "nullable": True,
            "properties": {
                "verb": {"type": "string"},
                "at": {"type": "string", "format": "date-time"},
                "by": {"type": "string"},
            },
        },
    },
    "example": {
        "code": "stale_version",
        "message": "页面打开期间，该事件已有变动。请看清变动后再决定。",
        "fields": {},
        "state": "accepted",
        "version": 2,
        "last": {"verb": "accept", "at": "2019-03-04T09:12:00+08:00", "by": "凯旋街道综合信息指挥室"},
    },
}


class ApiSchema(AutoSchema):
    """What an operation does is said where it is written; which scopes open it follows from its permission."""

    def get_description(self) -> str:  # type: ignore[override]
        return ""

    def get_extensions(self) -> dict[str, Any]:
        permission = self.view.get_permissions()[0]
        scopes_of = getattr(permission, "scopes_of", None)
        scopes = scopes_of(self.method) if scopes_of else ()
        return {SCOPES: [scope.value for scope in scopes]} if scopes else {}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.token_login.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema) -> dict:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": _(
                "A personal token, made under Log-ins and security; each operation names the scope."
            ),
        }


def complete(result: dict, generator, request, public) -> dict:
    """What all operations have in common: the scope in words, and the refusals."""
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            if scopes := operation.get(SCOPES):
                words = _("Token scope: %(scopes)s.") % {"scopes": " / ".join(f"`{each}`" for each in scopes)}
                operation["description"] = f"{operation.get('description', '')} {words}".strip()
            codes = [*EVERYWHERE, *(WITH_A_BODY if method in ("post", "put") else ())]
            if path.endswith("}/moves/"):
                codes.append("412")
            for code in codes:
                operation["responses"].setdefault(code, {"$ref": f"#/components/responses/Refusal{code}"})
    used = {each["tags"][0] for operations in result["paths"].values() for each in operations.values()}
    result["tags"] = [
        {"name": name, "description": str(words)} for name, words in PARTS.items() if name in used
    ]
    components = result["components"]
    components["schemas"]["Refusal"] = REFUSAL | {"description": str(REFUSAL["description"])}
    components["responses"] = {
        f"Refusal{code}": {
            "description": str(words),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
        }
        for code, words in REFUSALS.items()
    }
    return result
