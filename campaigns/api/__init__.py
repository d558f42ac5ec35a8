"""What other systems ask of campaigns."""
