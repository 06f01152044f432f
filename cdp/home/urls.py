"""Part of the addresses in cdp/urls.py, without a namespace."""

from django.urls import path

from cdp.home import search, start_views, views

pages = [
    path("", views.home, name="home"),
    path("search/", search.search, name="search"),
    path("home/people/", views.people, name="home_people"),
    path("home/people/chart/", views.people_chart, name="home_people_chart"),
    path("home/merged/", views.merged, name="home_merged"),
    path("home/live/", views.live_part, name="home_live"),
    path("home/problems/", views.problems_part, name="home_problems"),
    path("home/duplicates/", views.duplicates_part, name="home_duplicates"),
    path("home/segments/", views.segments, name="home_segments"),
    path("home/campaigns/", views.campaigns, name="home_campaigns"),
    path("home/events/chart/", views.events_chart, name="home_events_chart"),
    path("home/revenue/chart/", views.revenue_chart, name="home_revenue_chart"),
    path("home/predictions/", views.predictions, name="home_predictions"),
    path("getting-started/", start_views.page, name="getting_started"),
    path("getting-started/steps/", start_views.steps, name="getting_started_steps"),
    path("getting-started/arrived/", start_views.arrived, name="getting_started_arrived"),
    path("getting-started/source/", start_views.new_source, name="getting_started_source"),
    path("getting-started/key/", start_views.new_key, name="getting_started_key"),
    path("getting-started/hide/", start_views.hide, name="getting_started_hide"),
    path("getting-started/show/", start_views.show, name="getting_started_show"),
]
