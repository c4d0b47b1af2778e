"""A head's page: who is in post in the own organisation, and who stands in for whom."""

from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actions import end_post
from accounts.models import Post, PostQuerySet, User
from accounts.requests import PersonRequest
from accounts.scope import scope_of
from accounts.substitution import SubstitutionError, deputise


class PostChoice(forms.ModelChoiceField):
    def label_from_instance(self, post: Post) -> str:
        return f"{post.user} · {post.role}"


class DeputyForm(forms.Form):
    """Whose post, by whom, from one day through another (Asia/Shanghai)."""

    first = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("Through"), widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("post", "deputy", "first", "last")

    def __init__(self, *args, posts: PostQuerySet, now: datetime, **kwargs):
        super().__init__(*args, **kwargs)
        self.now = now
        here = User.objects.filter(pk__in=posts.valid_at(now).values("user"), is_active=True)
        self.fields["post"] = PostChoice(
            posts.filter(deputy_for=None), label=_("Who is away"), empty_label=_("Choose a person")
        )
        self.fields["deputy"] = forms.ModelChoiceField(
            here.order_by("display_name"), label=_("Who stands in"), empty_label=_("Choose a person")
        )
        self.order_fields(self.field_order)
        for field in self.fields.values():
            is_date = isinstance(field, forms.DateField)
            field.widget.attrs["class"] = "form-control" if is_date else "form-select"

    def clean_first(self) -> date:
        if self.cleaned_data["first"] < timezone.localdate(self.now):
            raise forms.ValidationError(_("Choose today or a later day."), "past")
        return self.cleaned_data["first"]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """[from, until): a beginning today is now."""
        first, last = self.cleaned_data["first"], self.cleaned_data["last"]
        return max(_midnight(first), self.now), _midnight(last + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@require_http_methods(["GET", "HEAD", "POST"])
def own_unit(request: PersonRequest) -> HttpResponse:
    now = timezone.now()
    posts = _posts(request, now)
    form = DeputyForm(request.POST or None, posts=posts, now=now)
    if form.is_valid():
        begin, end = form.span
        chosen = form.cleaned_data
        try:
            deputise(post=chosen["post"], deputy=chosen["deputy"], at=begin, until=end, by=request.user)
        except SubstitutionError as refusal:
            form.add_error(None, forms.ValidationError(str(refusal.message), refusal.code))
        else:
            words = _("%(deputy)s stands in for %(away)s.")
            messages.success(request, words % {"deputy": chosen["deputy"], "away": chosen["post"].user})
            return redirect("accounts:own_unit")
    shown = {"posts_here": posts, "form": form, "now": now}
    return render(request, "accounts/own_unit.html", shown, status=400 if form.is_bound else 200)


@require_POST
def end_deputy(request: PersonRequest) -> HttpResponse:
    """A deputy is no longer needed."""
    now = timezone.now()
    key = request.POST.get("post", "")
    post = _posts(request, now).exclude(deputy_for=None).filter(pk=key if key.isdecimal() else 0).first()
    if post is None:
        raise Http404
    end_post(post=post, at=max(now, post.valid_from), by=request.user)
    messages.success(request, _("%(deputy)s no longer stands in.") % {"deputy": post.user})
    return redirect("accounts:own_unit")


def _posts(request: PersonRequest, now: datetime) -> PostQuerySet:
    """Posts now and to come in the organisations this person answers for."""
    units = scope_of(request.user).units("head_org")
    if not units:
        raise PermissionDenied
    posts = Post.objects.filter(Q(valid_to=None) | Q(valid_to__gt=now), organization__in=units)
    related = posts.select_related("user", "role", "organization", "deputy_for__user")
    return related.order_by("organization__code", "role__position", "pk")
