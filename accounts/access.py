"""What administrators and the person do about an account and its log-ins. Each act is in the audit log."""

import secrets
from collections.abc import Callable, Iterable

from axes.utils import reset
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _

from accounts import audit, factors, tokens
from accounts.models import Session, User
from grids.models import District

PASSWORD_BYTES = 9
ROUNDS = 1000
"""Of PBKDF2 for the passwords of ``create_accounts``."""
ENDED: list[Callable[[User, str, str], None]] = []
"""Called with person, ``number`` and ``keep`` of ``end_sessions`` when log-ins end on purpose: what applications above
this one keep for a device ends with them."""


@transaction.atomic
def end_sessions(
    *, user: User, by: User, request: HttpRequest | None = None, number: str = "", keep: str = ""
) -> int:
    """End the person's log-in of that number, or all but ``keep``; returns how many. Without either the person is
    out everywhere: the API's tokens end too."""
    if not number and not keep:
        tokens.revoke(user=user, by=by, now=timezone.now(), request=request)
    open_ones = Session.objects.open(at=timezone.now()).filter(user=user)
    if number:
        open_ones = open_ones.filter(number=number)
    if keep:
        open_ones = open_ones.exclude(number=keep)
    ended, _details = open_ones.delete()
    _tell_of_the_end(user, number, keep)
    if ended:
        _tell("session_ended", user, by, request, sessions=ended)
    return ended


@transaction.atomic
def unlock(*, user: User, by: User, request: HttpRequest | None = None) -> int:
    """Forget the wrong passwords typed under this name, from wherever."""
    forgotten = reset(username=user.username)
    if forgotten:
        _tell("unlocked", user, by, request)
    return forgotten


@transaction.atomic
def remove_second_step(*, user: User, by: User, request: HttpRequest | None = None) -> int:
    """For who lost phone and codes: a new second step is set up at the next log-in, the open ones end."""
    removed = factors.remove_all(user)
    if removed:
        _tell("factor_removed", user, by, request, all=True)
        end_sessions(user=user, by=by, request=request)
    return removed


@transaction.atomic
def give_password(*, user: User, by: User, request: HttpRequest | None = None) -> str:
    """A new password, told once; it must be changed at the first log-in. The person's log-ins and tokens end with it."""
    password = _new_password()
    user.set_password(password)
    user.password_changed_at = None
    user.save(update_fields=["password", "password_changed_at"])
    _tell("password_given", user, by, request)
    tokens.revoke(user=user, by=by, now=timezone.now(), request=request)
    _tell_of_the_end(user)
    return password


@transaction.atomic
def create_account(
    *,
    username: str,
    display_name: str,
    by: User | None,
    district,
    phone: str = "",
    request: HttpRequest | None = None,
) -> tuple[User, str]:
    """A person without a post, and the first password, told once. Raises IntegrityError for a name in use."""
    password = _new_password()
    user = User(username=username, display_name=display_name, phone=phone, district=district)
    user.set_password(password)
    user.password_changed_at = None
    user.save(force_insert=True)
    _tell("account_created", user, by, request)
    return user, password


@transaction.atomic
def create_accounts(
    *, rows: Iterable[dict[str, str]], district: District, by: User | None, request: HttpRequest | None = None
) -> list[tuple[User, str]]:
    """People without a post, each with the first password, told once. Rows hold username, display_name, phone.

    Thousands at once: PBKDF2's many rounds slow down guessing of what people choose, and nobody guesses 72 random
    bits. Django hashes a password anew with all rounds at its first log-in, and the person must change it then.
    """
    made = []
    for row in rows:
        password = _new_password()
        user = User(
            username=row["username"], display_name=row["display_name"], phone=row["phone"], district=district
        )
        user.password = PBKDF2PasswordHasher().encode(password, get_random_string(22), ROUNDS)
        made.append((user, password))
    User.objects.bulk_create([user for user, _password in made], batch_size=1000)
    audit.record_many(
        audit.entry_of("account_created", by, user.username, {}, request, district.pk)
        for user, _password in made
    )
    return made


@transaction.atomic
def change_account(
    *,
    user: User,
    display_name: str,
    phone: str,
    by: User | None,
    request: HttpRequest | None = None,
) -> None:
    """Another name or phone; the audit log keeps which, not what."""
    fields = {"display_name": display_name, "phone": phone}
    changed = [name for name, value in fields.items() if getattr(user, name) != value]
    if changed:
        User.objects.filter(pk=user.pk).update(**fields)
        _tell("account_changed", user, by, request, fields=changed)


@transaction.atomic
def open_or_close(*, user: User, is_open: bool, by: User, request: HttpRequest | None = None) -> None:
    """A closed account cannot log in; its open log-ins end at their next request, its tokens for good."""
    user.is_active = is_open
    user.scope_version += 1
    user.save(update_fields=["is_active", "scope_version"])
    _tell("account_opened" if is_open else "account_closed", user, by, request)
    if not is_open:
        tokens.revoke(user=user, by=by, now=timezone.now(), request=request)
        _tell_of_the_end(user)


def password_was_changed(user: User, *, keep: str) -> None:
    """By its owner: every other log-in ends with the old password."""
    _tell_of_the_end(user, keep=keep)


def _tell_of_the_end(user: User, number: str = "", keep: str = "") -> None:
    for forget in ENDED:
        forget(user, number, keep)


def _new_password() -> str:
    """15 characters of at least three kinds, 72 random bits."""
    return f"{secrets.token_urlsafe(PASSWORD_BYTES)}-a1"


def _tell(kind: str, user: User, by: User | None, request: HttpRequest | None, **detail) -> None:
    audit.record(
        kind=kind,
        actor=by,
        subject=user.username,
        detail=detail,
        request=request,
        district=user.district,
    )


class OwnAccountError(ValueError):
    """Administrators change the accounts of others, never their own."""

    code = "own_account"

    def __init__(self) -> None:
        super().__init__(_("This is your own account: another administrator must do that."))
