"""All addresses. Each app brings its own; the error pages stand here."""

from django.urls import URLPattern, URLResolver, include, path

from campaigns.urls import api as campaigns_api
from cdp.accounts.urls import api as accounts_api
from cdp.analytics.urls import api as analytics_api
from cdp.events.urls import api as events_api
from cdp.home import home, search
from cdp.operations.urls import probes_urls
from cdp.privacy.urls import api as privacy_api
from cdp.profiles.urls import api as profiles_api
from identity.urls import api as identity_api
from scoring.urls import api as scoring_api
from segments.urls import api as segments_api

# What a person is called may hold slashes: longer addresses about a person come first.
api_urls: list[URLPattern | URLResolver] = [
    *campaigns_api,
    *scoring_api,
    *segments_api,
    *analytics_api,
    *accounts_api,
    *events_api,
    *privacy_api,
    *profiles_api,
    *identity_api,
]

handler500 = "cdp.common.unavailable.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    *probes_urls,
    path("accounts/", include("cdp.accounts.urls")),
    path("api/", include((api_urls, "api"))),
    path("people/", include("cdp.profiles.urls")),
    path("data/", include("cdp.events.urls")),
    path("privacy/", include("cdp.privacy.urls")),
    path("imports/", include("cdp.connectors.urls")),
    path("identity/", include("identity.urls")),
    path("segments/traits/", include("cdp.analytics.urls")),
    path("segments/", include("segments.urls")),
    path("predictions/", include("scoring.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("system/", include("cdp.operations.urls")),
    path("demo/", include("cdp.connectors.demo.urls")),
]
