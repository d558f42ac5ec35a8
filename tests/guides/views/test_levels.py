"""A guide's level on her phone before the brand has said what a level is."""

from tests import serving, sights


def test_without_a_level_table_the_phone_says_so(noon):
    serving.shops()
    said = sights.text(serving.phone("G1").get("/g/pay/level/"))
    assert "L1" in said
    assert "还没有发布等级表" in said
