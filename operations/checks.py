"""What must not be so in service: demo secrets, DEBUG, plain HTTP, a superuser at work.

Part of ``manage.py check --deploy``; an error among them also ends web, worker and beat at their start
(``grid_platform.start``), unless DEMO_MODE says that this is the demo. The checks of the database find nothing
while it cannot be asked: the web then starts and /healthz tells.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import checks
from django.db import DatabaseError, connection

from accounts.models import User
from grid_platform.start import SERVICE
from phone.parts import FILES

WEAK = {"", "postgres", "password", "secret", "admin", "changeme", "grid", "grid_app", "grid_owner"}
SHORTEST_KEY = 50


@checks.register(SERVICE, checks.Tags.security, deploy=True)
def modes(app_configs, **options) -> list[checks.CheckMessage]:
    return [checks.Error(words, hint=hint, id=f"operations.E{number:03}") for number, words, hint in _modes()]


def _modes() -> Iterator[tuple[int, str, str]]:
    if settings.DEMO_MODE:
        yield 1, "DEMO_MODE lets anybody log in as anybody.", "Leave DEMO_MODE unset in service."
    if settings.DEBUG:
        yield 2, "DEBUG shows settings and data to whoever meets an error.", "Leave DEBUG unset in service."
    key = settings.SECRET_KEY
    if len(key) < SHORTEST_KEY or len(set(key)) < 10 or key.startswith(("demo-only", "only-while-building")):
        yield 3, "SECRET_KEY is short or known.", "Make one: openssl rand -hex 50"
    if not settings.HTTPS:
        yield (
            4,
            "HTTPS=0: passwords would travel in the clear.",
            "Put a proxy that speaks HTTPS before the web.",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield 5, "ALLOWED_HOSTS takes every name.", "Name the hosts this is reached under."
    if plain := [origin for origin in settings.CSRF_TRUSTED_ORIGINS if not origin.startswith("https://")]:
        yield (
            6,
            f"CSRF_TRUSTED_ORIGINS trusts plain HTTP: {', '.join(plain)}",
            "Write https:// addresses only.",
        )
    if settings.AS_OWNER:
        yield 7, "AS_OWNER=1: this process may change the tables.", "Set it for migrate and restore only."
    if not settings.REQUIRE_SECOND_FACTOR:
        yield 8, "REQUIRE_SECOND_FACTOR=0: a stolen password opens a desk.", "Leave it unset in service."


@checks.register(SERVICE, deploy=True)
def built(app_configs, **options) -> list[checks.CheckMessage]:
    """The phones' app lies among the static files."""
    missing = [name for name in FILES if not (finders.find(name) or (settings.STATIC_ROOT / name).is_file())]
    hint = "node phone/build.mjs, then manage.py collectstatic"
    words = f"The phones' app is not built: {', '.join(missing)}"
    return [checks.Error(words, hint=hint, id="operations.E040")] if missing else []


@checks.register(SERVICE, checks.Tags.security, deploy=True)
def passwords(app_configs, **options) -> list[checks.CheckMessage]:
    """Over a network, the servers ask for a password nobody guesses; a socket is guarded by its folder."""
    found: list[checks.CheckMessage] = []
    for number, name in ((10, "DATABASE_URL"), (11, "REDIS_URL")):
        parts = urlsplit(getattr(settings, name))
        over_network = bool(parts.hostname) and "host=/" not in parts.query
        if over_network and (parts.password or "").lower() in WEAK:
            words = f"{name} has no password, or one that anybody guesses."
            found.append(
                checks.Error(words, hint="Make one: openssl rand -hex 24", id=f"operations.E{number:03}")
            )
    return found


@checks.register(SERVICE, checks.Tags.database, deploy=True)
def people(app_configs, databases, **options) -> list[checks.CheckMessage]:
    """Who could do everything, and whose password everybody knows."""
    if not databases:
        return []
    active = User.objects.filter(is_active=True)
    try:
        superusers = active.filter(is_superuser=True).count()
        demo_people = active.filter(is_demo=True).count()
    except DatabaseError:
        return []
    found: list[checks.CheckMessage] = []
    if superusers:
        words = f"{superusers} active accounts are superusers: no post limits them and no rule holds them."
        hint = "Work is done from posts: take the mark away, or close the account."
        found.append(checks.Error(words, hint=hint, id="operations.E020"))
    if demo_people:
        words = f"{demo_people} of the demo's log-ins are in this database; everybody knows their password."
        hint = "Load the real district into an empty database."
        found.append(checks.Error(words, hint=hint, id="operations.E021"))
    return found


@checks.register(SERVICE, checks.Tags.database, deploy=True)
def database_role(app_configs, databases, **options) -> list[checks.CheckMessage]:
    """The role at work can neither do everything nor alter what guards the steps."""
    if not databases:
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT role.rolsuper, EXISTS (
                       SELECT FROM pg_tables
                       WHERE tablename = 'events_step' AND pg_has_role(current_user, tableowner, 'MEMBER')),
                   COALESCE(has_table_privilege(to_regclass('events_step'), 'UPDATE, DELETE, TRUNCATE'), false)
                   FROM pg_roles AS role WHERE rolname = current_user"""
            )
            superuser, owner, may_change = cursor.fetchone()
    except DatabaseError:
        return []
    if not (superuser or owner or may_change):
        return []
    words = "The database role at work may alter the tables or change what happened."
    hint = "Run deploy/roles.sql, and let DATABASE_URL name grid_app."
    return [checks.Error(words, hint=hint, id="operations.E030")]
