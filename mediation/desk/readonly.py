"""The admin as a window: every table may be looked at by whom it concerns, none is edited."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from mediation.desk import access, showing

LONGEST_LIST = 10_000  # rows; who looks for older ones searches


class ShortPaginator(Paginator):
    """Counts no further than the end of the list: a table may have millions of rows."""

    @cached_property
    def count(self) -> int:
        """Count the rows, up to LONGEST_LIST."""
        rows: Any = self.object_list
        return rows.order_by()[:LONGEST_LIST].count()


class ShortList(ChangeList):
    """A list that does not offer to count or show everything."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.full_result_count = self.result_count


def stamp(column: str, label: Any) -> Callable[[Any], str]:
    """Make a column of a list out of a moment."""

    @admin.display(description=label)
    def shown(row: Any) -> str:
        at = getattr(row, column)
        return showing.moment(at) if at is not None else "-"

    return shown


class ReadOnly(ModelAdmin):
    """No adding, changing or deleting, for nobody; rows of the marketplaces of who looks."""

    readers: Iterable[str] = access.EVERYBODY
    scope: str | None = "marketplace"  # the path to the marketplace; None: belongs to none
    actions = None
    ordering: tuple[str, ...] = ("-pk",)
    paginator = ShortPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 0

    def get_changelist(self, request: HttpRequest, **_kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return ShortList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        model: type[Model] = self.model
        rows = getattr(model, "everywhere", model._default_manager).all()  # noqa: SLF001
        me = access.staff_of(request)
        if me is None:
            return rows.none()
        rows = rows if self.scope is None else rows.filter(me.sees(self.scope))
        return rows.order_by(*self.ordering)

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:  # noqa: ARG002
        """Give what Django wants for a choice that is never shown."""
        return db_field.remote_field.model._base_manager.none()  # noqa: SLF001

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        me = access.staff_of(request)
        return me is not None and me.role in self.readers

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False
