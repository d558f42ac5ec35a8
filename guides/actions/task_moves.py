"""Let many tasks go to other posts at once, each with its move."""

# Chosen are rows (id, post_id, from_id, covers_id, reason) of tasks that are held: each goes to a post, with its move.
MOVED = """
WITH moved AS (
  UPDATE guides_task k SET post_id = t.post_id, covers_id = t.covers_id, moves = k.moves + 1, snoozed_until = NULL
  FROM ({chosen}) t WHERE k.id = t.id RETURNING k.id, k.moves, k.post_id, t.from_id, t.reason)
INSERT INTO guides_taskmove (task_id, nth, kind, at, by_id, outcome, from_post_id, to_post_id, reason, entry_id)
SELECT id, moves, %(kind)s, %(at)s, %(by)s, '', from_id, post_id, reason, %(entry)s FROM moved ORDER BY id
"""
