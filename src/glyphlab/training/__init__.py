"""Recipe and Dataset in, Run out."""
