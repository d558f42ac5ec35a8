"""Hand a photo in with a task that asks for one."""

from datetime import datetime
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.models import TaskPhoto
from guides.models.evidence import MOST_PHOTOS
from newretail.kernel.actions import journal
from newretail.kernel.files import pictures
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


class NoPhotoAsked(Refused):
    """The task asks for none."""

    code = "no_photo_asked"
    sentence = gettext_noop("This task asks for no photo.")


class TooManyPhotos(Refused):
    """It has as many as it may have."""

    code = "too_many_photos"
    sentence = gettext_noop("A task has %(most)s photos at most.")


@verb
def add(*, task: UUID, within: list[int], photo: bytes, at: datetime, by: User) -> TaskPhoto:
    """Keep a photo of an open task of these posts: made small, without what the camera noted.

    Refuses: UnknownTask, NotToBeDone, TaskExpired, NoPhotoAsked, TooManyPhotos, BadPicture.
    Writes: guides.task_photo.added.
    """
    small = pictures.made_small(photo)  # takes a while: before anything is locked
    found = tasks.open_one(task, within, at)
    if not found.brief.wants_evidence:
        raise NoPhotoAsked
    nth = (TaskPhoto.objects.filter(task=found).aggregate(last=Max("nth"))["last"] or 0) + 1
    if nth > MOST_PHOTOS:
        raise TooManyPhotos(most=MOST_PHOTOS)
    line = journal.write("guides.task_photo.added", at=at, by=by, subject=f"task:{found.pk}", nth=nth)
    return TaskPhoto.objects.create(task=found, nth=nth, body=small, taken_at=at, by=by, entry_id=line.pk)
