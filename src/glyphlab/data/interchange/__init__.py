"""Datasets of other tools: what a Dataset becomes there, and how theirs become one."""
