"""Search for a Recipe that suits a model and a Dataset; optuna is imported when it begins."""
