"""Trainings told to the tools that people keep and compare them in."""
