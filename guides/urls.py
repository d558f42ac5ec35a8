"""Paths of a guide's phone."""

from django.urls import path

from guides.views import customers, day, escalations, handover, materials, notices, own, public, radar, results, team

urlpatterns = [
    path("g/", day.day, name="guide_day"),
    path("g/tasks/<uuid:task>/", day.one, name="guide_task"),
    path("g/tasks/<uuid:task>/do/", day.do, name="guide_do"),
    path("handover/", handover.handover, name="handover"),
    path("g/customers/", customers.listed, name="guide_customers"),
    path("g/customers/<str:member_no>/", customers.one, name="guide_customer"),
    path("g/customers/<str:member_no>/do/", customers.do, name="guide_customer_do"),
    path("g/radar/", radar.radar, name="guide_radar"),
    path("g/radar/follow/", radar.follow, name="guide_radar_follow"),
    path("g/results/", results.month, name="guide_results"),
    path("g/me/", own.me, name="guide_me"),
    path("g/notices/", notices.listed, name="guide_notices"),
    path("g/notices/<uuid:notice>/", notices.one, name="guide_notice"),
    path("g/notices/<uuid:notice>/read/", notices.read, name="guide_notice_read"),
    path("g/notices/<uuid:notice>/files/<int:nth>/", notices.file, name="guide_notice_file"),
    path("g/escalations/", escalations.listed, name="guide_escalations"),
    path("g/escalations/new/", escalations.new, name="guide_escalation_new"),
    path("g/escalations/<uuid:escalation>/", escalations.one, name="guide_escalation"),
    path("g/escalations/<uuid:escalation>/do/", escalations.do, name="guide_escalation_do"),
    path("g/handbook/", own.handbook, name="guide_handbook"),
    path("g/team/", team.team, name="guide_team"),
    path("g/team/pass/", team.show_pass, name="guide_pass"),
    path("g/in/<str:token>/", team.enter, name="guide_enter"),
    path("g/materials/", materials.every, name="guide_materials"),
    path("g/materials/<str:material>/", materials.one, name="material"),
    path("g/materials/<str:material>/picture", materials.picture, name="material_picture"),
    path("g/materials/<str:material>/share/", materials.share, name="material_share"),
    path("g/shares/", materials.record, name="guide_shares"),
    path("g/shares/<uuid:share>/", materials.poster, name="guide_share"),
    path("t/<str:token>/", public.tracked_link, name="tracked_link"),
    path("t/<str:token>/picture", public.tracked_picture, name="tracked_picture"),
    path("t/<str:token>/stay", public.tracked_stay, name="tracked_stay"),
    path("g/app.webmanifest", own.manifest, name="guide_manifest"),
]
