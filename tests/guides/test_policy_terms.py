"""Terms are read strictly: what has no word for it cannot be paid."""

import pytest

from guides.queries import pay_proposals
from guides.queries.policy_terms import BadPolicy, read_credits, read_scheme

OTHERS = ("parent", "upline", "downline", "team", "team_bp", "recruits", "referrer", "levels_below")


@pytest.mark.parametrize("word", OTHERS)
def test_no_term_pays_for_what_others_recruited_or_sold(word):
    scheme, rules = pay_proposals.scheme(), pay_proposals.credit_rules()
    assert read_scheme(scheme).levels
    assert read_credits(rules).channels
    step = {"from_cents": 1, "pay_cents": 1, word: 1}
    for wrong in ({**scheme, word: 500}, {**scheme, "levels": {word: 500}}, {**scheme, "steps": [step]}):
        with pytest.raises(BadPolicy) as refused:
            read_scheme(wrong)
        assert "here that means nothing" in str(refused.value.facts["why"]) or "无法识别" in str(refused.value)
    shares = {"seller": 9_000, word: 1_000}
    with pytest.raises(BadPolicy):
        read_credits({**rules, "channels": {"*": shares}})


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 121])
def test_a_channel_has_a_name_that_can_be_kept(name):
    rules = pay_proposals.credit_rules()
    with pytest.raises(BadPolicy):
        read_credits({**rules, "channels": {**rules["channels"], name: {"seller": 10_000}}})
