"""How the admin looks: unfold's settings. Nothing is loaded from another host."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

STAFF = "mediation.desk.access.is_staff"
OFFICE = "mediation.desk.access.is_office"
REVIEWS = "mediation.desk.access.is_reviewing"
SUPERUSER = "config.appearance.is_superuser"


def is_superuser(request: HttpRequest) -> bool:
    """Say whether somebody who makes log-ins is logged in."""
    return request.user.is_active and request.user.is_superuser


def _page(title: Any, icon: str, view: str, permission: str) -> dict[str, Any]:
    """Make one item of the navigation; it is lit on every page of its table."""
    prefix = view.removesuffix("changelist")

    def is_lit(request: HttpRequest) -> bool:
        here = request.resolver_match
        return here is not None and (here.url_name or "").startswith(prefix)

    link = reverse_lazy(f"admin:{view}")
    return {
        "title": title,
        "icon": icon,
        "link": link,
        "active": is_lit,
        "permission": permission,
    }


NAVIGATION = (  # title, icon, view, who sees it
    (
        _("Disputes"),
        (
            (_("Docket"), "gavel", "cases_docket_changelist", STAFF),
            (_("Cases"), "folder_open", "cases_case_changelist", STAFF),
            (_("Roster"), "groups", "roster", OFFICE),
            (_("Shift plan"), "calendar_month", "shift_plan", STAFF),
            (_("Blind reviews"), "visibility_off", "blind_reviews", REVIEWS),
            (_("Calibration"), "tune", "calibrations", REVIEWS),
            (_("Dashboard"), "monitoring", "dashboard", OFFICE),
            (_("Complaints"), "flag", "cases_complaint_changelist", STAFF),
            (_("Follow-up"), "reviews", "cases_rating_changelist", STAFF),
        ),
    ),
    (
        _("Conduct"),
        (
            (_("Signals"), "monitoring", "cases_signal_changelist", STAFF),
            (_("Penalties"), "block", "cases_penalty_changelist", STAFF),
        ),
    ),
    (
        _("Record"),
        (
            (_("Orders"), "shopping_bag", "cases_order_changelist", STAFF),
            (_("Parties"), "group", "cases_party_changelist", STAFF),
            (_("Recoveries"), "currency_exchange", "cases_recovery_changelist", OFFICE),
            (_("Timeline"), "timeline", "cases_event_changelist", STAFF),
            (_("Clocks"), "schedule", "cases_clock_changelist", STAFF),
        ),
    ),
    (
        _("Operations"),
        (
            (_("Pauses and late clocks"), "pause_circle", "clock_overview", OFFICE),
            (_("Dead letters"), "report", "dead_letters", OFFICE),
            (_("Effects"), "bolt", "mediation_effect_changelist", OFFICE),
            (_("Letters"), "mail", "notifications_letter_changelist", OFFICE),
            (_("Contacts"), "contact_mail", "notifications_contact_changelist", OFFICE),
            (_("Webhook deliveries"), "webhook", "notifications_delivery_changelist", OFFICE),
            (_("Webhook endpoints"), "hub", "notifications_webhookendpoint_changelist", OFFICE),
            (_("Policies"), "policy", "cases_policyversion_changelist", OFFICE),
            (_("Marketplaces"), "storefront", "cases_marketplace_changelist", OFFICE),
            (_("Log of deeds"), "history", "mediation_deed_changelist", OFFICE),
        ),
    ),
    (
        _("Staff"),
        (
            (_("Log-ins"), "key", "auth_user_changelist", SUPERUSER),
            (_("Roles"), "badge", "mediation_mediator_changelist", SUPERUSER),
            (_("Second factors"), "phonelink_lock", "mediation_secondfactor_changelist", SUPERUSER),
        ),
    ),
)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": _("Mediation"),
    "SITE_HEADER": _("Mediation desk"),
    "SITE_SYMBOL": "balance",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("mediation/icon.svg"),
        }
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ACCOUNT": {
        "navigation": [
            {"title": _("Second factor"), "link": reverse_lazy("admin:second_factor")},
        ],
    },
    "STYLES": [
        lambda _request: static("mediation/desk.css"),
        lambda _request: static("mediation/oversight.css"),
    ],
    "SCRIPTS": [lambda _request: static("mediation/desk.js")],
    "COLORS": {
        "primary": {
            "50": "oklch(97.7% .013 236.62)",
            "100": "oklch(95.1% .026 236.824)",
            "200": "oklch(90.1% .058 230.902)",
            "300": "oklch(82.8% .111 230.318)",
            "400": "oklch(74.6% .16 232.661)",
            "500": "oklch(68.5% .169 237.323)",
            "600": "oklch(52% .14 243)",
            "700": "oklch(46% .125 245)",
            "800": "oklch(40% .105 246)",
            "900": "oklch(35% .085 247)",
            "950": "oklch(27% .06 248)",
        },
    },
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [
            {"title": title, "separator": number > 0, "items": [_page(*row) for row in rows]}
            for number, (title, rows) in enumerate(NAVIGATION)
        ],
    },
}
