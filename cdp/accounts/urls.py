from django.urls import path

from cdp.accounts.api import Sources
from cdp.accounts.views import api as api_pages
from cdp.accounts.views import audit, own, reset, second_factor, sign_in, sources, team, tokens

app_name = "accounts"
urlpatterns = [
    path("login/", sign_in.login, name="login"),
    path("login/code/", sign_in.code, name="code"),
    path("logout/", sign_in.logout, name="logout"),
    path("join/<str:token>/", team.join, name="join"),
    path("reset/", reset.ask, name="reset"),
    path("reset/sent/", reset.sent, name="reset_sent"),
    path("reset/done/", reset.done, name="reset_done"),
    path("reset/<str:uidb64>/<str:token>/", reset.confirm, name="reset_confirm"),
    path("you/", own.profile, name="profile"),
    path("you/password/", own.password, name="password"),
    path("you/security/", own.security, name="security"),
    path("you/security/on/", second_factor.enrol, name="second_factor_on"),
    path("you/security/off/", second_factor.turn_off, name="second_factor_off"),
    path("you/security/codes/", second_factor.new_codes, name="recovery_codes"),
    path("you/sessions/end/", own.end_other_sessions, name="end_other_sessions"),
    path("you/sessions/<int:pk>/end/", own.end_session, name="end_session"),
    path("team/", team.people, name="team"),
    path("team/invite/", team.invite, name="invite"),
    path("team/invitations/<int:pk>/withdraw/", team.withdraw, name="withdraw"),
    path("team/<int:pk>/role/", team.change_role, name="change_role"),
    path("team/<int:pk>/deactivate/", team.deactivate, name="deactivate"),
    path("team/<int:pk>/reactivate/", team.reactivate, name="reactivate"),
    path("team/<int:pk>/remove-second-factor/", team.remove_second_factor, name="remove_second_factor"),
    path("sources/", sources.sources, name="sources"),
    path("sources/new/", sources.new_source, name="source_new"),
    path("sources/<int:pk>/", sources.source, name="source"),
    path("sources/<int:pk>/change/", sources.change_source, name="source_change"),
    path("sources/<int:pk>/keys/", sources.add_key, name="key_add"),
    path("sources/<int:pk>/keys/<int:key_pk>/revoke/", sources.revoke_key, name="key_revoke"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.new_token, name="token_new"),
    path("tokens/<int:pk>/revoke/", tokens.revoke, name="token_revoke"),
    path("audit/", audit.audit, name="audit"),
]

# Part of the API's router in cdp/urls.py.
api = [
    path("schema", api_pages.schema, name="schema"),
    path("docs", api_pages.docs, name="docs"),
    path("sources", Sources.as_view(), name="sources"),
]
