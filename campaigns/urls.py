from django.urls import path

from campaigns import panel
from campaigns.views import campaigns, mailbox, visitors, words
from campaigns.offers import api as offers_api
from campaigns.views import campaigns, mailbox, offer_editing, visitors
from campaigns.views import offers as offer_pages
from campaigns.views import campaigns, feeds, mailbox, visitors

app_name = "campaigns"
api = [
    path("offers", offers_api.Offers.as_view(), name="offers"),
    path("offers/<str:key>", offers_api.OneOffer.as_view(), name="offer"),
    path("offers/<str:key>/restore", offers_api.Restore.as_view(), name="offer_restore"),
    path("offers/<str:key>/codes", offers_api.Codes.as_view(), name="offer_codes"),
    path("offers/<str:key>/given", offers_api.Given.as_view(), name="offer_given"),
    path("offers/<str:key>/redemptions", offers_api.Redemptions.as_view(), name="offer_redemptions"),
]
urlpatterns = [
    path("person/<uuid:uuid>/", panel.of_person, name="of_person"),
    path("offers/person/<uuid:uuid>/", panel.offers_of_person, name="offers_of_person"),
    path("", campaigns.campaigns, name="campaigns"),
    path("new/", campaigns.new, name="new"),
    path("<int:pk>/", campaigns.campaign, name="campaign"),
    path("<int:pk>/edit/", campaigns.edit, name="edit"),
    path("<int:pk>/send/", campaigns.send, name="send"),
    path("words/", words.words, name="words"),
    path("offers/", offer_pages.offers, name="offers"),
    path("offers/best/", offer_pages.best_offers, name="best_offers"),
    path("offers/new/", offer_editing.new, name="offer_new"),
    path("offers/<int:pk>/", offer_pages.offer, name="offer"),
    path("offers/<int:pk>/given/", offer_pages.given, name="offer_given"),
    path("offers/<int:pk>/used/", offer_pages.redeemed, name="offer_used"),
    path("offers/<int:pk>/edit/", offer_editing.edit, name="offer_edit"),
    path("offers/<int:pk>/archive/", offer_editing.archive, name="offer_archive"),
    path("offers/<int:pk>/restore/", offer_editing.restore, name="offer_restore"),
    path("offers/<int:pk>/codes/", offer_editing.more_codes, name="offer_codes"),
    path("offers/<int:pk>/codes/<int:job_id>/", offer_editing.read_list, name="offer_upload"),
    path("offers/<int:pk>/codes/<int:job_id>/not-taken.csv", offer_editing.problem_lines, name="offer_not_taken"),
    path("offers/<int:pk>/codes.csv", offer_editing.export_csv, name="offer_export"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<uuid:ref>/", mailbox.mail, name="mail"),
    path("mailbox/<uuid:ref>/html/", mailbox.mail_html, name="mail_html"),
    path("feeds/", feeds.feeds, name="feeds"),
    path("feeds/new/", feeds.new, name="feed_new"),
    path("feeds/<int:pk>/", feeds.feed, name="feed"),
    path("feeds/<int:pk>/edit/", feeds.edit, name="feed_edit"),
    path("feeds/<int:pk>/try/", feeds.attempt_feed, name="feed_try"),
    path("feeds/<int:pk>/archive/", feeds.archive, name="feed_archive"),
    path("feeds/<int:pk>/restore/", feeds.restore, name="feed_restore"),
    path("c/<str:token>/", visitors.click, name="click"),
    path("u/<str:token>/", visitors.unsubscribe, name="unsubscribe"),
]
