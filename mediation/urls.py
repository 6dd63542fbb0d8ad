"""The paths of the API, below /api/v1/. Those that only read are in cases/urls.py."""

from django.urls import URLPattern, path, re_path

from cases import complaint_inputs
from cases.inputs import FOR
from cases.urls import urlpatterns as reading
from mediation import (
    contacts,
    eligibility,
    gateway_events,
    parcel_events,
    published,
    recoveries,
    scorecards,
    shops,
    thread,
    views,
)
from mediation.carriers import ADAPTERS
from mediation.complaints import restrictions
from mediation.complaints import views as complaints
from mediation.export.views import Export
from mediation.files.views import EvidenceOfCase, Files, OneFile
from mediation.outlook import Forecast
from mediation.picture import Drawing
from mediation.reports.urls import urlpatterns as reports
from mediation.sandbox.urls import urlpatterns as sandbox
from mediation.webhooks.urls import urlpatterns as webhooks

CASE = "cases/<uuid:case_id>"
COMPLAINT = "complaints/<uuid:complaint_id>"
REF = r"(?P<ref>[A-Za-z0-9._~:@+=-]{1,100})"
ADAPTER = "|".join(ADAPTERS)

urlpatterns: list[URLPattern] = [
    path("cases", views.Cases.as_view()),
    path(CASE, views.OneCase.as_view()),
    *(
        path(f"{CASE}/steps/{step}", views.TakeStep.as_view(step=step))
        for step in FOR
        if step != "open"
    ),
    *reading,
    path(f"{CASE}/evidence", EvidenceOfCase.as_view()),
    path(f"{CASE}/export", Export.as_view()),
    path(f"{CASE}/messages", thread.Messages.as_view()),
    path("files", Files.as_view()),
    path("files/<uuid:file_id>/<slug:form>", OneFile.as_view()),
    re_path(rf"^orders/{REF}$", views.OneOrder.as_view()),
    re_path(rf"^orders/{REF}/eligibility-checks$", eligibility.EligibilityChecks.as_view()),
    re_path(rf"^parties/(?P<role>buyer|seller)/{REF}/contacts$", contacts.PartyContacts.as_view()),
    path("parcel-events", parcel_events.ParcelEvents.as_view()),
    re_path(rf"^parcel-events/(?P<adapter>{ADAPTER})$", parcel_events.CarrierBodies.as_view()),
    path(f"{CASE}/forecast", Forecast.as_view()),
    path("recoveries", recoveries.Recoveries.as_view()),
    path("recoveries/<uuid:recovery_id>/result", recoveries.RecoveryResult.as_view()),
    path("gateway-events", gateway_events.GatewayEvents.as_view()),
    path("complaints", complaints.Complaints.as_view()),
    path(COMPLAINT, complaints.OneComplaint.as_view()),
    *(
        path(f"{COMPLAINT}/steps/{step}", complaints.step_view(step))
        for step in complaint_inputs.FOR
    ),
    path("restrictions", restrictions.Restrictions.as_view()),
    path("restrictions/<uuid:penalty_id>/appeal", restrictions.AppealRestriction.as_view()),
    re_path(rf"^sellers/{REF}/scorecard$", scorecards.Scorecard.as_view()),
    re_path(rf"^sellers/{REF}/standing$", shops.ShopStanding.as_view()),
    path("events", views.Events.as_view()),
    path("policy", published.PublishedPolicy.as_view()),
    path("process", views.Process.as_view()),
    path("process/drawing", Drawing.as_view()),
    *reports,
    *sandbox,
    *webhooks,
]
