"""API tokens: made by a person, shown once, never more than the person may do now, and ended at once."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import factors, tokens
from accounts.access import end_sessions, give_password, open_or_close
from accounts.actions import end_post
from accounts.models import ApiToken, AuditEntry, Post, User
from accounts.tokens import TokenScope
from events.models import State
from tests.cast import Cast, Story, story_at

PAGE = reverse("accounts:own_tokens")
ME = "/api/v1/me/"
EVENTS = "/api/v1/events/"
FORM = {"name": "街道数据看板", "scopes": ["read", "move"], "days": 30}


@pytest.fixture
def cast(db) -> Cast:
    return Cast()


def browser_of(person) -> Client:
    browser = Client(headers={"accept-language": "en"})
    browser.force_login(person, backend="accounts.backends.PostBackend")
    return browser


def a_token(person, *scopes: str, **more) -> tuple[ApiToken, Client]:
    """A token and a program that has it; all scopes without one named."""
    given = {"name": "x", "days": 7, "with_second_step": False, "now": timezone.now()} | more
    token, secret = tokens.make(user=person, scopes=scopes or TokenScope.values, **given)
    return token, Client(headers={"authorization": f"Bearer {secret}", "accept-language": "en"})


def refusal(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# Making and ending ------------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_stored_as_a_digest(cast):
    browser = browser_of(cast.acceptor)
    secret = browser.post(PAGE, FORM).context["secret"]
    assert secret.startswith("grid_") and len(secret) > 40
    row = ApiToken.objects.get(user=cast.acceptor)
    assert (row.name, row.scopes, row.prefix) == (FORM["name"], ["move", "read"], secret[:11])
    assert secret not in str(vars(row))
    page = browser.get(PAGE).content.decode()
    assert row.prefix in page and secret not in page
    told = AuditEntry.objects.get(kind="token_made")
    assert (told.actor, told.detail["token"], told.detail["scopes"]) == (
        cast.acceptor,
        row.prefix,
        row.scopes,
    )
    assert secret not in str(told.detail)


@pytest.mark.parametrize("change", [{"scopes": []}, {"scopes": ["all"]}, {"name": ""}, {"days": 4000}])
def test_a_token_needs_a_name_a_scope_and_an_end(cast, change):
    answer = browser_of(cast.acceptor).post(PAGE, FORM | change)
    assert answer.status_code == 400 and answer.context["form"].errors.keys() == change.keys()
    assert not ApiToken.objects.exists()


def test_nobody_has_more_tokens_than_can_be_kept_in_mind(cast, monkeypatch):
    monkeypatch.setattr(tokens, "MOST_TOKENS", 1)
    browser = browser_of(cast.acceptor)
    assert [browser.post(PAGE, FORM).status_code for _ in range(2)] == [200, 400]
    ApiToken.objects.update(expires_at=timezone.now())
    assert browser.post(PAGE, FORM).status_code == 200


def test_a_revoked_token_ends_at_once_and_another_person_cannot_revoke_it(cast):
    token, program = a_token(cast.worker)
    revoke = reverse("accounts:revoke_token")
    assert browser_of(cast.acceptor).post(revoke, {"token": token.pk}).status_code == 404
    assert browser_of(cast.acceptor).post(revoke, {"token": "x"}).status_code == 404
    assert program.get(ME).status_code == 200
    assert browser_of(cast.worker).post(revoke, {"token": token.pk}).status_code == 302
    assert refusal(program.get(ME)) == (401, "token_not_valid")
    assert AuditEntry.objects.get(kind="token_revoked").detail == {"tokens": [token.prefix]}


@pytest.mark.parametrize("how", ["expired", "closed", "new password", "logged out everywhere"])
def test_a_token_ends_with_its_time_and_its_account(cast, how):
    token, program = a_token(cast.worker)
    if how == "expired":
        ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "closed":
        open_or_close(user=cast.worker, is_open=False, by=cast.admin)
        open_or_close(user=cast.worker, is_open=True, by=cast.admin)
    elif how == "new password":
        give_password(user=cast.worker, by=cast.admin)
    else:
        end_sessions(user=cast.worker, by=cast.admin)
    assert refusal(program.get(ME)) == (401, "token_not_valid")


def test_ending_one_log_in_leaves_the_tokens(cast):
    _token, program = a_token(cast.worker)
    browser_of(cast.worker)
    end_sessions(user=cast.worker, by=cast.worker, keep="00000000-0000-0000-0000-000000000000")
    assert program.get(ME).status_code == 200


# Log-in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", ["Bearer grid_wrong", "Bearer ", "bearer 令牌", "Bearer a b"])
def test_a_token_that_is_none_is_refused(cast, sent):
    answer = Client(headers={"authorization": sent}).get(ME)
    assert refusal(answer) == (401, "token_not_valid")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_program_needs_no_csrf_token_and_starts_no_session(cast):
    story = story_at(cast, State.REPORTED)
    _token, secret = tokens.make(
        user=cast.acceptor, name="x", scopes=["move"], days=7, with_second_step=False, now=timezone.now()
    )
    program = Client(enforce_csrf_checks=True, headers={"authorization": f"bearer {secret}"})
    move = {"verb": "accept", "data": {}}
    answer = program.post(f"{EVENTS}{story.id}/moves/", move, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    assert not answer.cookies


def test_the_last_use_is_known_to_the_minute(cast, django_assert_num_queries):
    token, program = a_token(cast.worker)
    program.get(ME)
    first = ApiToken.objects.get(pk=token.pk).used_at
    assert first and program.get(ME).json()["token"]["prefix"] == token.prefix
    with django_assert_num_queries(1):  # the token with its person and district
        program.get(ME)
    assert ApiToken.objects.get(pk=token.pk).used_at == first


# Rights -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "path", "body"),
    [
        ("read", EVENTS, None),
        ("read", "/api/v1/items/", None),
        ("read", "/api/v1/areas/", None),
        ("read", "/api/v1/organizations/", None),
        ("report", EVENTS, {}),
        ("move", f"{EVENTS}%s/moves/", {"verb": "comment", "data": {"text": "x"}}),
        ("unmask", f"{EVENTS}%s/unmask/", {"reason": "To call back"}),
        ("inbox", "/api/v1/inbox/", None),
        ("inbox", "/api/v1/inbox/unread/", None),
        ("inbox", "/api/v1/inbox/read/", {"notice": 1}),
        ("rates", "/api/v1/rates/", None),
    ],
)
def test_each_operation_needs_its_scope(cast, scope, path, body):
    path = path.replace("%s", str(story_at(cast, State.REPORTED).id))
    others = [other for other in TokenScope.values if other != scope]

    def call(program: Client):
        return (
            program.get(path) if body is None else program.post(path, body, content_type="application/json")
        )

    assert call(a_token(cast.director, scope)[1]).status_code in (200, 400, 404)
    answer = call(a_token(cast.director, *others)[1])
    assert refusal(answer) == (403, "missing_scope")
    assert scope in answer.json()["message"]


def test_a_token_is_within_its_persons_scope(cast):
    story = story_at(cast, State.REPORTED)
    for who, status in (("director", 200), ("neighbour", 404), ("police", 404)):
        assert a_token(getattr(cast, who))[1].get(f"{EVENTS}{story.id}/").status_code == status
    assert refusal(a_token(cast.worker)[1].get("/api/v1/rates/")) == (403, "not_permitted")


def test_a_post_that_ended_is_felt_at_once(cast):
    Story(cast).report().route()
    _token, program = a_token(cast.acceptor)
    assert len(program.get(EVENTS).json()["results"]) == 1
    end_post(post=Post.objects.get(user=cast.acceptor), at=timezone.now())
    assert program.get(EVENTS).json()["results"] == []
    assert program.get(ME).json()["posts"] == []


def test_where_a_second_step_is_demanded_a_token_was_made_with_one(cast, settings):
    _token, without = a_token(cast.acceptor)
    _token, of_a_worker = a_token(cast.worker)
    _token, with_one = a_token(cast.acceptor, with_second_step=True)
    settings.REQUIRE_SECOND_FACTOR = True
    assert refusal(without.get(ME)) == (401, "second_step_missing")
    assert with_one.get(ME).status_code == of_a_worker.get(ME).status_code == 200
    browser = browser_of(cast.acceptor)
    assert browser.post(PAGE, FORM)["Location"].startswith(reverse("accounts:authenticator"))
    session = browser.session
    session[factors.STATE] = factors.PASSED
    session.save()
    assert browser.post(PAGE, FORM).status_code == 200
    assert ApiToken.objects.latest("pk").with_second_step


def test_the_security_administrator_sees_a_persons_tokens_and_ends_them(cast):
    token, program = a_token(cast.worker)
    security = browser_of(User.objects.get(username="security"))
    page = security.get(reverse("accounts:person", args=[cast.worker.pk])).content.decode()
    assert token.prefix in page
    security.post(reverse("accounts:act", args=[cast.worker.pk, "end_sessions"]))
    assert program.get(ME).status_code == 401
