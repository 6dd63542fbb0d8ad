"""Who works here: log-ins and roles are made by a superuser, and by nobody else."""

from django.http import HttpRequest
from unfold.admin import ModelAdmin


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
