from django.urls import path

from cdp.help import views

app_name = "help"
urlpatterns = [
    path("", views.contents, name="contents"),
    path("search/", views.find, name="search"),
    path("images/<str:name>", views.image, name="image"),
    path("<slug:name>/", views.page, name="page"),
]
