from django.urls import path

from cdp.connectors.demo import pages

app_name = "demo"
urlpatterns = [
    path("items/<str:item_id>.svg", pages.item_picture, name="picture"),
    path("items/<str:item_id>", pages.item_page, name="item"),
    path("api/weather", pages.weather_now, name="weather"),
]
