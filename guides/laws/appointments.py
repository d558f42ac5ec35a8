"""Laws of appointments: each has its line, what became of one is what its line says."""

from newretail.kernel.books import law, lined

lined("guides_appointment")
law(
    "an appointment stands as the line that ended it says",
    "SELECT a.id::text, a.state, coalesce(j.facts->>'state', 'no line') FROM guides_appointment a"
    " LEFT JOIN kernel_journalentry j ON j.id = a.end_entry_id AND j.subject = 'appointment:' || a.id"
    " WHERE a.state <> 'booked' AND j.facts->>'state' IS DISTINCT FROM a.state",
)
