"""The whole lab, task by task."""
