"""What is sold, and where it is sold from: products, categories, channels, scenes."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.Model):
    """A way an order reaches us: store POS, mall, live, group buy, marketplace."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        """Channels are few."""

        verbose_name = _("channel")
        verbose_name_plural = _("channels")

    def __str__(self) -> str:
        return self.name


class Scene(models.Model):
    """The occasion of an order: live stream, pictures and text, short video, community, store share."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        """Scenes are few."""

        verbose_name = _("scene")
        verbose_name_plural = _("scenes")

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A family of products."""

    name = models.CharField(_("name"), max_length=120, unique=True)

    class Meta:
        """Categories stand by name."""

        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A thing with a stock-keeping unit number."""

    sku = models.CharField(_("SKU"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products", verbose_name=_("category")
    )
    price_cents = models.BigIntegerField(_("price"), default=0)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """Products are found by SKU."""

        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(condition=models.Q(price_cents__gte=0), name="product_price_not_negative")
        ]

    def __str__(self) -> str:
        return self.name
