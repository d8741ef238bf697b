"""One experiment for each claimed cause: what is claimed, what isolates it, what came out."""
