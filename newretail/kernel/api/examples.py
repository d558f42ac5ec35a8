"""What the answers that all addresses share hold."""

from newretail.kernel.api.illustrate import Both, Examples

WORDS: dict[str, object] = {
    "next": None, "created": 1, "updated": 0, "unchanged": 0, "parked": 0, "refused": 0,
    "row": 1, "Result.state": "created", "Result.errors": [],
    "field": "price", "code": "too_many_decimals",
    "detail": Both("金额最多两位小数。", "An amount has at most two decimals."),
}  # fmt: skip
EXAMPLES = Examples({}, WORDS)
