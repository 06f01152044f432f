"""All addresses. Each app brings its own; the error pages stand here."""

from django.urls import URLPattern, URLResolver, include, path

from cdp.home import home

handler500 = "cdp.common.unavailable.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("accounts/", include("cdp.accounts.urls")),
    path("segments/", include("segments.urls")),
    path("predictions/", include("scoring.urls")),
    path("campaigns/", include("campaigns.urls")),
]
