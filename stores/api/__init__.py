"""What other systems bring and ask of places, products and staff."""
