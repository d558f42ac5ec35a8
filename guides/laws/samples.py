"""Laws of samples: each was given while its campaign ran, and a stock tells how many were taken out of it."""

from newretail.kernel.books import law, lined

# A store that was given a stock later gave before without one.
law(
    "the stock of samples tells no more than were given",
    "SELECT k.id::text, k.given::text, count(s.id)::text FROM guides_samplestock k"
    " LEFT JOIN (guides_sample s JOIN stores_post p ON p.id = s.post_id)"
    " ON s.campaign_id = k.campaign_id AND p.store_id = k.store_id GROUP BY k.id HAVING k.given > count(s.id)",
)
for table in ("samplecampaign", "samplestock", "sample"):
    lined(f"guides_{table}")
