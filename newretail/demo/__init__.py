"""The demo brand: a real retail year, shaped into the product's own import files."""
