"""Finished things over HTTP, on the user's own machine."""
