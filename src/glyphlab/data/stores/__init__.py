"""Files of stores (`s3://`, `gs://`, `https://`, …): fetched, checked, and kept for a while."""

from glyphlab.data.stores.address import file_name, is_remote, join, shown
from glyphlab.data.stores.fetching import fetch
from glyphlab.data.stores.finding import bring

__all__ = ["bring", "fetch", "file_name", "is_remote", "join", "shown"]
