"""Sharded Datasets are written: images spread at random over files, each made on its own."""
