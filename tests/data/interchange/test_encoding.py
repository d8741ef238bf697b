"""Images as PNG files."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.data.builders import pixels

from glyphlab.data.interchange.encoding import encode_png, encoded_chunks
from glyphlab.data.png import plain_header


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (28, 28), (5, 300), (301, 2)])
def test_every_reader_sees_the_same_pixels(height: int, width: int, channels: int) -> None:
    image = pixels(1, height, width, channels).reshape(height, width, channels)
    content = encode_png(image)
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.mode == ("L" if channels == 1 else "RGB")
        assert np.array_equal(np.asarray(opened).reshape(image.shape), image)
    read = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(np.asarray(read).reshape(image.shape)[:, :, ::-1], image)


def test_a_written_png_is_plain_and_so_is_read_fast() -> None:
    header = plain_header(encode_png(pixels(0, 20, 30, 3)))
    assert header is not None
    assert (header.width, header.height) == (30, 20)


def test_chunks_come_in_the_order_of_the_images() -> None:
    images = np.arange(1_200, dtype=np.uint16).view(np.uint8).reshape(1_200, 1, 2, 1)
    calls: list[tuple[int, int | None]] = []
    chunks = encoded_chunks(
        images, lambda start, some: [(start, some)], lambda *call: calls.append(call)
    )
    found = [chunk for some in chunks for chunk in some]
    assert [start for start, _ in found] == [0, 512, 1_024]
    assert [png for _, some in found for png in some] == [encode_png(image) for image in images]
    assert calls[-1] == (1_200, 1_200)
