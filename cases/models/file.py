"""Files as they were checked and kept; their bytes are in the storage, under `key`."""

from django.db import models
from django.db.models import Q
from django_scopes import ScopedManager

from cases.models.base import Row, fits
from cases.models.case import Case
from cases.models.complaint import Complaint
from cases.models.party import Marketplace, Party


class FileKind(models.TextChoices):
    """What a file is, by its content; slots of evidence name the kinds that they take."""

    IMAGE = "image"
    VIDEO = "video"
    PDF = "pdf"


class File(Row):
    """One photo, video or paper, and who brought it: of one case, or of one complaint."""

    FIXED = frozenset(
        {
            *("marketplace_id", "role", "party_id", "kind", "media_type", "name", "size"),
            *("sha256", "uploaded_sha256", "key", "uploaded_at", "thumbnail_at"),
        }
    )

    marketplace = models.ForeignKey(Marketplace, on_delete=models.PROTECT, db_index=False)
    role = models.CharField(max_length=12)  # of whoever brought it
    party = models.ForeignKey(
        Party, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, related_name="files", db_index=False
    )
    complaint = models.ForeignKey(
        Complaint, on_delete=models.PROTECT, null=True, related_name="files", db_index=False
    )
    kind = models.CharField(max_length=10, choices=FileKind.choices)
    media_type = models.CharField(max_length=40)
    name = models.CharField(max_length=100)  # for people to read; it leads nowhere
    size = models.IntegerField()  # bytes, as it is kept
    sha256 = models.CharField(max_length=64)  # hex, as it is kept
    uploaded_sha256 = models.CharField(max_length=64)  # hex, as it came
    key = models.CharField(max_length=150, unique=True)  # in the storage
    uploaded_at = models.DateTimeField()
    thumbnail_at = models.DateTimeField(null=True)  # when a small image was made of it

    objects = ScopedManager(marketplace="marketplace")
    everywhere = models.Manager()

    class Meta:
        constraints = [
            fits("file_kind", Q(kind__in=FileKind.values)),
            fits("file_is_not_empty", Q(size__gt=0)),
            fits("file_of_one_owner", Q(case=None) | Q(complaint=None)),
        ]
        indexes = [
            models.Index(
                fields=["uploaded_at"],
                condition=Q(case=None, complaint=None),
                name="file_of_nobody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sha256[:8]}"
