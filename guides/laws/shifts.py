"""Laws of shifts: each has its line."""

from newretail.kernel.books import lined

lined("guides_shift")
