"""What a plan brought: those it treated beside those it held out, pure arithmetic over a few sums of each arm."""
