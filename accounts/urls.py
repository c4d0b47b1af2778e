from django.urls import path

from accounts import audit_page, own_log_ins, own_unit, people, second_step, token_page, views

app_name = "accounts"

urlpatterns = [
    path("login/", views.LoginView.as_view(), name="login"),
    path("login/as/<slug:username>/", views.demo_login, name="demo_login"),
    path("logout/", views.LogoutView.as_view(), name="logout"),
    path("password/", views.PasswordChangeView.as_view(), name="password_change"),
    path("language/", views.language, name="language"),
    path("training/", views.training, name="training"),
    path("unit/", own_unit.own_unit, name="own_unit"),
    path("unit/end-deputy/", own_unit.end_deputy, name="end_deputy"),
    path("second-step/", second_step.second_step, name="second_step"),
    path("second-step/passkey/", second_step.passkey_challenge, name="passkey_challenge"),
    path("authenticator/", second_step.authenticator, name="authenticator"),
    path("passkeys/", second_step.passkey_offer, name="passkey_offer"),
    path("recovery-codes/", second_step.recovery_codes, name="recovery_codes"),
    path("second-step/remove/", second_step.remove_factor, name="remove_factor"),
    path("log-ins/", own_log_ins.own_log_ins, name="own_log_ins"),
    path("log-ins/end/", own_log_ins.end_log_in, name="end_log_in"),
    path("tokens/", token_page.own_tokens, name="own_tokens"),
    path("tokens/revoke/", token_page.revoke_token, name="revoke_token"),
    path("people/", people.people, name="people"),
    path("people/new/", people.new_person, name="new_person"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/<slug:act>/", people.act, name="act"),
    path("audit/", audit_page.audit_log, name="audit_log"),
    path("audit/export/", audit_page.audit_export, name="audit_export"),
]
