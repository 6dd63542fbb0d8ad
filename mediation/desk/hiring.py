"""Who works here: log-ins and roles are made by a superuser, and by nobody else."""

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from mediation.desk import second_factor
from mediation.desk.readonly import stamp
from mediation.models import SecondFactor

SET_UP = stamp("created_at", _("Set up"))
LAST_USED = stamp("last_used_at", _("Last used"))


class SuperuserOnly(ModelAdmin):
    """Seen and edited by superusers alone, whatever permissions others have."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return self._allowed(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._allowed(request)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return self._allowed(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False  # the record names people by the id of their log-in

    @staticmethod
    def _allowed(request):
        return request.user.is_active and request.user.is_superuser


class MediatorAdmin(SuperuserOnly):
    list_display = ("user", "role", "everywhere", "capacity", "languages", "skills")
    list_select_related = ("user",)
    filter_horizontal = ("marketplaces",)
    exclude = ("on_shift",)  # going off shift gives disputes back: that is the roster's


class SecondFactorAdmin(SuperuserOnly):
    """Who has a second factor; to delete it lets its person set up another. No secret is shown."""

    list_display = fields = readonly_fields = ("log_in", SET_UP, LAST_USED)
    list_select_related = ("user",)
    search_fields = ("user__username",)

    @admin.display(description=_("Log-in"))
    def log_in(self, device: SecondFactor) -> str:
        return device.user.get_username()

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return self._allowed(request)

    def delete_model(self, request: HttpRequest, obj: SecondFactor) -> None:  # noqa: ARG002
        second_factor.reset(obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[SecondFactor]) -> None:  # noqa: ARG002
        for user in User.objects.filter(totpdevice__in=queryset):
            second_factor.reset(user)
