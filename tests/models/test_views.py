"""Views of an image, and the mean over them."""

import torch

from glyphlab.models import build
from glyphlab.models.views import SHIFTS, shifted_views


def test_the_second_view_looks_one_pixel_down_and_right_and_repeats_the_border() -> None:
    images = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]).view(1, 1, 3, 3)
    first, second = shifted_views(images, 2)
    assert first.tolist() == images[0].tolist()
    assert second[0].tolist() == [[5.0, 6.0, 6.0], [8.0, 9.0, 9.0], [8.0, 9.0, 9.0]]


def test_views_of_several_images_come_view_after_view() -> None:
    images = torch.arange(2.0).view(2, 1, 1, 1)
    assert shifted_views(images, 3).flatten().tolist() == [0.0, 1.0] * 3


def test_the_nine_views_differ() -> None:
    assert len(set(SHIFTS)) == 9
    assert max(abs(step) for shift in SHIFTS for step in shift) == 1


def test_glyphnet_predicts_the_mean_over_its_views() -> None:
    torch.manual_seed(0)
    model, images = build("glyphnet", (28, 28, 1), 10).eval(), torch.randn(3, 1, 28, 28)
    single = build("glyphnet", (28, 28, 1), 10, views=1).eval()
    single.load_state_dict(model.state_dict())
    with torch.no_grad():
        parts = [single(view) for view in shifted_views(images, 2).split(3)]
        torch.testing.assert_close(model(images), (parts[0] + parts[1]) / 2)


def test_glyphnet_trains_on_the_images_themselves() -> None:
    torch.manual_seed(0)
    model = build("glyphnet", (28, 28, 1), 10).train()
    seen = []
    model.stem.register_forward_hook(lambda module, taken, given: seen.append(len(taken[0])))
    model(torch.randn(3, 1, 28, 28))
    assert seen == [3]
