from django.urls import path

from campaigns import panel
from campaigns.api import templates as templates_api
from campaigns.offers import api as offers_api
from campaigns.offers import editing as offer_editing
from campaigns.offers import pages as offer_pages
from campaigns.views import campaigns, editor, library, mailbox, people, preview, seeds, trial, versions, visitors
from campaigns.views import campaigns, mailbox, visitors, words

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
    path("mails/<int:pk>/", editor.editor, name="editor"),
    path("templates/", library.templates, name="templates"),
    path("templates/new/", library.new, name="template_new"),
    path("modules/", library.modules, name="modules"),
    path("starters/<slug:key>/card/", preview.starter_card, name="starter_card"),
    path("mails/preview/<str:token>/", preview.frame, name="preview_frame"),
    path("mails/<int:pk>/preview/", preview.preview, name="mail_preview"),
    path("mails/<int:pk>/people/", people.people, name="mail_people"),
    path("mails/<int:pk>/people/for-branch/", people.for_branch, name="mail_people_for_branch"),
    path("mails/<int:pk>/card/", preview.card, name="mail_card"),
    path("mails/<int:pk>/duplicate/", library.duplicate, name="template_duplicate"),
    path("mails/<int:pk>/rename/", library.rename, name="template_rename"),
    path("mails/<int:pk>/archive/", library.archive, name="template_archive"),
    path("mails/<int:pk>/restore/", library.restore, name="template_restore"),
    path("mails/<int:pk>/save-as/", library.save_as, name="mail_save_as"),
    path("mails/<int:pk>/versions/", versions.versions, name="mail_versions"),
    path("mails/<int:pk>/versions/keep/", versions.keep, name="mail_version_keep"),
    path("mails/<int:pk>/versions/<int:number>/", versions.look, name="mail_version"),
    path("mails/<int:pk>/versions/<int:number>/back/", versions.back, name="mail_version_back"),
    path("mails/<int:pk>/save/", editor.save, name="editor_save"),
    path("convert/", editor.convert, name="convert"),
    path("sentences/", editor.sentences, name="sentences"),
    path("mails/<int:pk>/test/", trial.test_send, name="test_send"),
    path("seeds/", seeds.seeds, name="seeds"),
    path("seeds/<int:pk>/remove/", seeds.remove_seed, name="remove_seed"),
    path("offers/", offer_pages.offers, name="offers"),
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
    path("words/", words.words, name="words"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<uuid:ref>/", mailbox.mail, name="mail"),
    path("mailbox/<uuid:ref>/html/", mailbox.mail_html, name="mail_html"),
    path("c/<str:token>/", visitors.click, name="click"),
    path("u/<str:token>/", visitors.unsubscribe, name="unsubscribe"),
]

api += [
    path("templates", templates_api.Templates.as_view(), name="templates"),
    path("templates/<anything:number>/versions", templates_api.Versions.as_view(), name="template_versions"),
    path(
        "templates/<anything:number>/versions/<anything:version>/back",
        templates_api.GoBack.as_view(),
        name="template_go_back",
    ),
    path(
        "templates/<anything:number>/versions/<anything:version>",
        templates_api.OneVersion.as_view(),
        name="template_version",
    ),
    path("templates/<anything:number>/restore", templates_api.Restore.as_view(), name="template_restore"),
    path("templates/<anything:number>/duplicate", templates_api.Duplicate.as_view(), name="template_duplicate"),
    path("templates/<anything:number>", templates_api.OneTemplate.as_view(), name="template"),
]
