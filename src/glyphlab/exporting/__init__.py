"""A trained model for other programs, and weights from them."""
