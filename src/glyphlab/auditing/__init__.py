"""What is wrong with a Dataset, or between two."""
