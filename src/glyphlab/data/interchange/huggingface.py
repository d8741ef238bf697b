"""A Dataset as Hugging Face's."""

from typing import TYPE_CHECKING, Any

from glyphlab.data.dataset import Dataset
from glyphlab.data.interchange.encoding import encoded_chunks
from glyphlab.extras import extra
from glyphlab.progress import Progress

if TYPE_CHECKING:
    import datasets


def to_huggingface(dataset: Dataset, progress: Progress) -> "datasets.Dataset":
    """Make a `datasets.Dataset` in memory; see `Dataset.to_huggingface`."""
    with extra("datasets", "Dataset.to_huggingface"):
        import datasets
    import pyarrow as pa

    def as_arrow(start: int, contents: list[bytes]) -> Any:
        content = pa.array(contents, pa.binary())
        return pa.StructArray.from_arrays(
            [content, pa.nulls(len(content), pa.string())], names=["bytes", "path"]
        )

    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    images = pa.chunked_array(encoded_chunks(dataset.images, as_arrow, progress), kind)
    ids = (text.encode("utf-8", "surrogateescape").decode(errors="replace") for text in dataset.ids)
    features = datasets.Features(
        image=datasets.Image(),
        label=datasets.ClassLabel(names=list(dataset.classes)),
        id=datasets.Value("string"),
    )
    columns = {"image": images, "label": pa.array(dataset.labels), "id": pa.array(ids, pa.string())}
    table = pa.table(columns, schema=features.arrow_schema)
    return datasets.Dataset(table, info=datasets.DatasetInfo(features=features))
