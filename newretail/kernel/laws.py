"""Laws of the kernel's books."""

from newretail.kernel.books import law, waiting
from newretail.kernel.vitals import oldest

law(
    "every import accounts for each refused row",
    "SELECT i.id::text, i.rejected::text, count(e.id)::text FROM kernel_importfile i"
    " LEFT JOIN kernel_rowerror e ON e.import_file_id = i.id GROUP BY i.id HAVING count(e.id) <> i.rejected",
)
law(
    "no line is both heard and waiting",
    "SELECT p.entry_id::text, p.handler, 'receipt' FROM kernel_pending p"
    " JOIN kernel_receipt r ON r.entry_id = p.entry_id AND r.handler = p.handler",
)
waiting("lines not yet heard", "SELECT count(*) FROM kernel_pending")
oldest(
    "pending_line",
    "SELECT e.written_at FROM kernel_pending p JOIN kernel_journalentry e ON e.id = p.entry_id"
    " ORDER BY p.entry_id LIMIT 1",
)
oldest(
    "due_delivery",
    "SELECT min(d.due_at) FROM kernel_delivery d JOIN kernel_endpoint e ON e.id = d.endpoint_id"
    " WHERE e.state = 'active' AND d.state IN ('waiting', 'claimed')",
)
oldest("inbox_message", "SELECT min(received_at) FROM kernel_inboxmessage WHERE state = 'waiting' AND attempts = 0")
oldest("due_run", "SELECT min(due_at) FROM kernel_jobrun WHERE state = 'waiting'")
