"""Images with labels: reading, writing, rendering, splitting and batching them."""
