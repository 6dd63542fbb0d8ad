"""The admin as a window: every table may be looked at by whom it concerns, none is edited."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.html import format_html
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


def written(column: str, label: Any) -> Callable[[Any], str]:
    """Make a column of a list out of what programs wrote for programs: nobody translates it."""

    @admin.display(description=label)
    def shown(row: Any) -> str:
        found = getattr(row, column)
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        return format_html("<code>{}</code>", text) if found else "-"

    return shown


def amount(column: str, label: Any) -> Callable[[Any], str]:
    """Make a column of a list out of minor units, of an order's currency or the row's own."""

    @admin.display(description=label)
    def shown(row: Any) -> str:
        return showing.money(getattr(row, column), getattr(row, "order", row).currency)

    return shown


class Titled:
    """A row under the title that people know it by; all else is the row's own."""

    def __init__(self, row: Model, title: str) -> None:
        self._row, self._title = row, title

    def __str__(self) -> str:
        return self._title

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


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

    def title_of(self, row: Any) -> str:
        """Name a row on its page."""
        return str(row)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if (row := kwargs.get("obj")) is not None:
            title = self.title_of(row)
            context |= {"subtitle": title, "original": Titled(row, title)}
        return super().render_change_form(request, context, *args, **kwargs)

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
