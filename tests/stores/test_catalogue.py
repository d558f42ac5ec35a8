"""Products and their categories, channels and scenes."""

import pytest

from stores.models import Category, Channel, Product, Scene
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def test_a_product_is_known_by_its_sku_and_brings_its_category():
    world.products({"sku": "TEA", "name": "龙井", "category": "茶", "price": "128"})
    assert world.products({"sku": "TEA", "name": "龙井 2026", "price": "130"}).updated == 1
    tea = Product.objects.get()
    assert (tea.name, tea.category.name, tea.price_cents) == ("龙井 2026", "茶", 13000)


def test_an_empty_price_keeps_what_is_there():
    world.products({"sku": "TEA", "name": "龙井", "price": "128"})
    assert world.products({"sku": "TEA", "name": "龙井"}).skipped == 1
    assert Product.objects.get().price_cents == 12800


def test_a_price_of_nothing_is_a_price():
    world.products({"sku": "TEA", "name": "龙井", "price": "128"})
    assert world.products({"sku": "TEA", "name": "龙井", "price": "0"}).updated == 1
    assert Product.objects.get().price_cents == 0
    assert world.products({"sku": "TEA", "name": "龙井", "price": "0"}).skipped == 1


def test_a_category_in_two_rows_is_one_category():
    world.products({"sku": "A", "name": "a", "category": "茶"}, {"sku": "B", "name": "b", "category": "茶"})
    assert Category.objects.count() == 1


def test_an_order_without_a_channel_is_the_stores_or_the_malls():
    world.chain()
    world.buy(world.order("A", "1", "2026-06-01", store_code="SH01"), world.order("B", "1", "2026-06-01"))
    assert set(Channel.objects.values_list("code", "name")) == {("store", "门店"), ("mall", "小程序商城")}


def test_a_channel_answers_to_its_code_and_its_name():
    world.buy(world.order("A", "1", "2026-06-01", channel="直播", scene="live_stream"))
    world.buy(world.order("B", "1", "2026-06-01", channel="live", scene="直播"))
    world.buy(world.order("C", "1", "2026-06-01", channel="快闪店"))
    assert set(Channel.objects.values_list("code", flat=True)) == {"live", "mall", "store", "快闪店"}
    assert Scene.objects.get().code == "live_stream"
