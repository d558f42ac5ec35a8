"""What other systems bring and ask of members and their orders."""
