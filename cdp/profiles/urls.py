from django.urls import path

from cdp.profiles.views import people, person

app_name = "profiles"
urlpatterns = [
    path("", people.people, name="list"),
    path("export/", people.export, name="export"),
    path("<uuid:uuid>/", person.person, name="detail"),
    path("<uuid:uuid>/traits/", person.traits, name="traits"),
    path("<uuid:uuid>/changes/", person.changes, name="changes"),
    path("<uuid:uuid>/raw/", person.raw, name="raw"),
]
