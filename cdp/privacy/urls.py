from django.urls import path

from cdp.privacy.views import panel

app_name = "privacy"
urlpatterns = [path("people/<uuid:uuid>/consent/", panel.consent, name="consent")]
