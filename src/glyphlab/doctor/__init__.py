"""What glyphlab has here, and whether it works: for a report of a defect."""
