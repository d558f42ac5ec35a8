"""A desk in HQ where files are handed in over HTTP, and a worker who performs what was queued."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from newretail.kernel.actions import jobs
from newretail.kernel.models import Upload
from tests import sights, world


@pytest.fixture(autouse=True)
def _cast(noon, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    world.chain()


class Desk:
    """What a person at HQ does with a file."""

    def __init__(self, role="hq", language="en"):
        self.client = sights.browser(role, language)

    def hand_in(self, content, kind="members", name="members.csv", **more):
        body = content.encode() if isinstance(content, str) else content
        data = {"kind": kind, "file": SimpleUploadedFile(name, body), **more}
        return self.client.post("/admin/imports/new/", data)

    def post(self, upload, deed, **data):
        return self.client.post(f"/admin/imports/{upload.pk}/{deed}/", data)

    def get(self, upload, deed=""):
        return self.client.get(f"/admin/imports/{upload.pk}/{deed}")

    def tried(self, content, kind="members", **more):
        """Hand a file in, accept the columns as they were found, let the worker try it."""
        assert self.hand_in(content, kind, **more).status_code == 302
        upload = newest()
        shown = self.get(upload, "columns/").context["rows"]
        answer = self.post(upload, "columns", **{f"column_{row['number']}": row["chosen"] for row in shown})
        assert answer.status_code == 302, sights.text(answer)
        work()
        return newest()


def newest():
    return Upload.objects.latest("id")


def work():
    """Perform what was queued, as a worker does."""
    ran = 0
    while jobs.perform_next(jobs.QUEUED):
        ran += 1
    return ran


@pytest.fixture
def hq():
    return Desk()
