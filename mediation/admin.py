"""What the admin site shows. The classes are in `mediation/desk`."""

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from cases.models import (
    Case,
    Clock,
    Complaint,
    Docket,
    Event,
    Marketplace,
    Order,
    Party,
    Penalty,
    PolicyVersion,
    Rating,
    Recovery,
    Signal,
)
from mediation.desk import (
    case_page,
    clocks,
    complaints,
    conduct,
    dead_letters,
    deeds,
    hiring,
    labels,
    policies,
    post,
    queue,
    record,
    recoveries,
    reviews,
)
from mediation.models import BlindReview, Deed, Effect, Mediator, SecondFactor
from notifications.models import Contact, Delivery, Letter, WebhookEndpoint

labels.name(apps.get_models())

for foreign in (Group, User, StaticDevice, TOTPDevice):
    admin.site.unregister(foreign)


@admin.register(User)
class LogInAdmin(hiring.SuperuserOnly, UserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_filter = ("is_staff", "is_superuser", "is_active")
    fieldsets = (  # what somebody may do here is a role of ours, no permission of Django's
        (None, {"fields": ("username", "password")}),
        (_("Personal info"), {"fields": ("first_name", "last_name", "email")}),
        (_("Permissions"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Important dates"), {"fields": ("last_login", "date_joined")}),
    )


admin.site.register(Docket, queue.DocketAdmin)
admin.site.register(Case, case_page.CaseAdmin)
admin.site.register(Complaint, complaints.ComplaintAdmin)
admin.site.register(Penalty, conduct.PenaltyAdmin)
admin.site.register(Signal, conduct.SignalAdmin)
admin.site.register(Rating, conduct.RatingAdmin)
admin.site.register(Order, record.OrderAdmin)
admin.site.register(Party, record.PartyAdmin)
admin.site.register(Recovery, recoveries.RecoveryAdmin)
admin.site.register(Event, record.EventAdmin)
admin.site.register(Clock, clocks.ClockAdmin)
admin.site.register(PolicyVersion, policies.PolicyAdmin)
admin.site.register(Marketplace, record.MarketplaceAdmin)
admin.site.register(Letter, post.LetterAdmin)
admin.site.register(Contact, post.ContactAdmin)
admin.site.register(Delivery, post.DeliveryAdmin)
admin.site.register(WebhookEndpoint, post.EndpointAdmin)
admin.site.register(Effect, dead_letters.EffectAdmin)
admin.site.register(BlindReview, reviews.BlindReviewAdmin)
admin.site.register(Deed, deeds.DeedAdmin)
admin.site.register(Mediator, hiring.MediatorAdmin)
admin.site.register(SecondFactor, hiring.SecondFactorAdmin)
