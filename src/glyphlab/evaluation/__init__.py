"""What a run says on a Dataset, and how sure that is."""
