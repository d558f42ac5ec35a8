"""What the addresses of guides and their customers are asked with and answer."""

from newretail.kernel.api.illustrate import Asked, Examples

BOND = {"member_no": "V1", "staff_no": "G1", "added_at": "2026-06-15T11:00:00+08:00"}
EXAMPLES = Examples(
    {
        "push_bonds": Asked("推送企微添加的顾客", "Push who was added to which guide", {"bonds": [BOND]}),
        "delete_member_bond": Asked("顾客删除了导购", "A customer deleted her guide"),
        "get_member_bond": Asked("会员由哪位导购服务", "Which guide serves a member"),
    },
    {"BondOut.source": "api", "began_at": "2026-06-15T11:00:00+08:00", "locked_until": None},
)
