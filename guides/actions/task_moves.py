"""Give tasks, and let them go to other posts with their moves, many at once."""

from guides.queries import rosters

INSERT = f"""
INSERT INTO guides_task (ref, brief_id, rule_id, member_id, post_id, source, facts, assigned_at, due_at, expires_at,
  snoozed_until, state, outcome, note, moves, entry_id)
SELECT gen_random_uuid(), %(brief)s, %(rule)s, w.member_id, w.post_id, w.source, coalesce(w.facts, '{{{{}}}}'), %(at)s,
  {rosters.DUE}, w.expires_at, w.due_at - %(shown)s::interval, 'open', '', '', 0, %(entry)s
"""
# Who is being erased is waited for, and then left out.
ASSIGN = f"""{INSERT}
FROM {{table}} w JOIN members_member m ON m.id = w.member_id {rosters.NEXT_SHIFT}
WHERE m.erased_at IS NULL AND w.expires_at > %(at)s ORDER BY w.member_id, w.source FOR KEY SHARE OF m
ON CONFLICT DO NOTHING
"""
ASSIGN_PLAIN = f"""{INSERT}
FROM {{table}} w {rosters.NEXT_SHIFT}
WHERE w.member_id IS NULL AND w.expires_at > %(at)s ORDER BY w.post_id, w.source
ON CONFLICT DO NOTHING
"""
# Chosen are rows (id, post_id, from_id, covers_id, reason) of tasks that are held: each goes to a post, with its move.
MOVED = """
WITH moved AS (
  UPDATE guides_task k SET post_id = t.post_id, covers_id = t.covers_id, moves = k.moves + 1, snoozed_until = NULL
  FROM ({chosen}) t WHERE k.id = t.id RETURNING k.id, k.moves, k.post_id, t.from_id, t.reason)
INSERT INTO guides_taskmove (task_id, nth, kind, at, by_id, outcome, from_post_id, to_post_id, reason, entry_id)
SELECT id, moves, %(kind)s, %(at)s, %(by)s, '', from_id, post_id, reason, %(entry)s FROM moved ORDER BY id
"""
