"""What speed and memory are measured with: the product's own paths, beside what they are compared to."""
