"""scikit-learn's interface: arrays in, an estimator out."""
