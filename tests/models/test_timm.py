"""timm's networks by name: with a stand-in for timm, and with timm itself where it is installed."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tests.toys import bars
from torch import nn

from glyphlab.errors import InputError
from glyphlab.models import build
from glyphlab.models.classifier import Classifier
from glyphlab.models.timm_models import TimmNetwork
from glyphlab.training.fit import fit
from glyphlab.training.recipe import Recipe, default_recipe
from glyphlab.training.run import WEIGHTS

SHAPE = (28, 28, 1)
QUICK = Recipe(steps=4, batch_size=32, learning_rate=1e-3, device="cpu")


class Patches(nn.Module):
    """Cuts images into squares, of which none must be left over, and takes their mean."""

    def __init__(self, in_chans: int, num_classes: int, *, side: int, width: int = 4) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_chans, width, side, stride=side)
        self.norm = nn.BatchNorm2d(width)
        self.head = nn.Linear(width, num_classes)
        self.seen: tuple[int, ...] = ()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.seen = tuple(images.shape)
        logits: torch.Tensor = self.head(self.norm(self.conv(images)).relu().mean((2, 3)))
        return logits


class Fixed(Patches):
    """A network that is built for one size, as vision transformers are."""

    def __init__(self, img_size: tuple[int, int], **arguments: Any) -> None:
        super().__init__(**arguments)
        self.patch_embed = SimpleNamespace(patch_size=self.conv.kernel_size)
        self.img_size = img_size

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        assert tuple(images.shape[2:]) == self.img_size
        return super().forward(images)


class StandIn(ModuleType):
    """What glyphlab uses of timm, with networks called after their squares."""

    def __init__(self) -> None:
        super().__init__("timm")
        self.known = {"patches16": False, "patches48": False, "fixed16": True, "fixed14": True}
        self.options: dict[str, Any] = {}

    def list_models(self, filter: str = "", include_tags: bool = False) -> list[str]:  # noqa: A002
        return [f"{filter}.first", f"{filter}.second"] if include_tags else list(self.known)

    def get_pretrained_cfg(self, name: str) -> Any:
        return SimpleNamespace(
            input_size=(3, 224, 224),
            fixed_input_size=self.known[name.partition(".")[0]],
            hf_hub_id=None if name.startswith("patches48") else f"timm/{name}",
            hf_hub_filename=None,
        )

    def create_model(self, name: str, **options: Any) -> nn.Module:
        self.options = dict(options)
        overlay = options.pop("pretrained_cfg_overlay", {})
        options.pop("pretrained", None)
        kind = Fixed if name.startswith("fixed") else Patches
        network = kind(side=int(name.partition(".")[0][-2:]), **options)
        if overlay:
            network.load_state_dict(load_file(overlay["file"]))
        return network


@pytest.fixture
def timm(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    module = StandIn()
    monkeypatch.setitem(sys.modules, "timm", module)
    return module


def built(name: str, image_shape: tuple[int, int, int] = SHAPE, **arguments: Any) -> TimmNetwork:
    module = build(name, image_shape, 3, **arguments)
    assert isinstance(module, TimmNetwork)
    return module


@pytest.mark.usefixtures("timm")
@pytest.mark.parametrize(
    ("name", "image_shape", "expected"),
    [
        ("timm:patches16", (28, 28, 1), (32, 32)),
        ("timm:patches16", (32, 64, 3), (32, 64)),
        ("timm:patches16", (33, 20, 1), (64, 32)),
        ("timm:patches48", (28, 28, 1), (64, 64)),  # 32 leaves nothing
        ("timm:fixed16", (28, 28, 1), (32, 32)),
        ("timm:fixed14", (28, 28, 1), (224, 224)),  # 32, 64, 96 and 128 leave pixels over
    ],
)
def test_images_are_enlarged_to_what_the_network_takes(
    name: str, image_shape: tuple[int, int, int], expected: tuple[int, int]
) -> None:
    module = built(name, image_shape)
    height, width, channels = image_shape
    assert module(torch.zeros(2, channels, height, width)).shape == (2, 3)
    assert module.input_size == expected
    network = module.network
    assert isinstance(network, Patches)
    assert network.seen == (2, channels, *expected)


@pytest.mark.usefixtures("timm")
def test_a_size_that_is_asked_for_is_taken() -> None:
    assert built("timm:fixed14", input_size=56).input_size == (56, 56)
    assert built("timm:patches16", input_size=[16, 48]).input_size == (16, 48)


@pytest.mark.usefixtures("timm")
def test_an_image_of_the_right_size_goes_in_as_it_is() -> None:
    module = built("timm:patches16", (32, 32, 1)).eval()
    images = torch.rand(2, 1, 32, 32)
    assert torch.equal(module(images), module.network(images))


@pytest.mark.usefixtures("timm")
def test_enlarging_keeps_an_even_image_even() -> None:
    module = built("timm:patches16").eval()
    even = module.network(torch.full((2, 1, 32, 32), 0.5))
    assert torch.allclose(module(torch.full((2, 1, 28, 28), 0.5)), even)


def test_other_arguments_go_to_timm(timm: StandIn) -> None:
    built("timm:patches16", (28, 28, 3), width=7)
    assert timm.options == {"width": 7, "in_chans": 3, "num_classes": 3}


@pytest.mark.usefixtures("timm")
@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("timm:patches61", {}, "no model 'patches61'; the nearest are timm:patches16, "),
        ("timm:patches16.third", {}, "the nearest are timm:patches16.first"),
        ("timm:hf-hub:someone/something", {}, "timm has no model"),
        ("timm:local-dir:/tmp", {}, "timm has no model"),
        ("timm:../patches16", {}, "timm has no model"),
        ("timm:patches16", {"depth": 3}, "unexpected keyword argument 'depth'"),
        ("timm:patches16", {"width": 5_000}, "numbers up to 4,096"),
        ("timm:patches16", {"width": {"a": 1}}, "numbers up to 4,096"),
        ("timm:patches16", {"width": [1] * 33}, "lists of up to 32"),
        ("timm:patches16", {"checkpoint_path": "x.pth"}, "takes no argument 'checkpoint_path'"),
        ("timm:patches16", {"in_chans": 5}, "the images decide it"),
        ("timm:patches16", {"pretrained_cfg": "x"}, "give pretrained=true, or nothing"),
        ("timm:patches16", {"pretrained": "x.pth"}, "give pretrained=true, or nothing"),
        ("timm:patches16", {"input_size": 0}, "from 1 to 1,024"),
        ("timm:patches16", {"input_size": [32, 32, 32]}, "from 1 to 1,024"),
        ("timm:patches16", {"input_size": "large"}, "from 1 to 1,024"),
        ("timm:patches16", {"input_size": 8}, r"can't take images of \[batch, 1, 28, 28\]"),
        ("timm:fixed14", {"input_size": 32}, "parts of 14×14, which don't fill 32×32"),
    ],
)
def test_what_timm_cannot_make_is_refused(
    name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        build(name, SHAPE, 3, **arguments)


def test_without_timm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(InputError, match=r"pip install 'glyphlab\[timm\]'"):
        build("timm:resnet18", SHAPE, 10)


def test_a_torchvision_that_does_not_fit_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "timm.py").write_text(
        'raise RuntimeError("operator torchvision::nms does not exist")'
    )
    monkeypatch.delitem(sys.modules, "timm", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InputError, match=r"torchvision::nms does not exist.*that fits PyTorch"):
        build("timm:resnet18", SHAPE, 10)


@pytest.mark.usefixtures("timm")
def test_a_run_is_loaded_by_its_files_alone_and_says_the_same(tmp_path: Path) -> None:
    arguments = {"width": 6, "input_size": 48}
    run = fit("timm:patches16", bars(), QUICK, arguments=arguments, out=tmp_path / "run")
    with safe_open(run.path / WEIGHTS, "pt") as file:
        assert file.metadata()["model"] == "timm:patches16"
    loaded = Classifier.load(run.path / WEIGHTS)
    module = loaded.module
    assert isinstance(module, TimmNetwork)
    assert module.input_size == (48, 48)
    images = bars(seed=1).images
    np.testing.assert_array_equal(loaded.logits(images), run.classifier.logits(images))


@pytest.mark.usefixtures("timm")
def test_a_network_that_was_built_before_its_training_is_loaded_by_its_name(tmp_path: Path) -> None:
    module = build("timm:patches16", SHAPE, 3, width=2, input_size=64)
    run = fit(module, bars(), QUICK, out=tmp_path / "run")
    again = Classifier.load(run.path / WEIGHTS)
    assert again.model == "timm:patches16"
    assert again.arguments == {"width": 2, "input_size": 64}
    images = bars(20, seed=1).images
    np.testing.assert_allclose(again.logits(images), run.classifier.logits(images), atol=1e-5)


@pytest.mark.usefixtures("timm")
def test_a_training_goes_on_by_name(tmp_path: Path) -> None:
    fit("timm:patches16", bars(), QUICK, out=tmp_path / "run")
    again = fit("timm:patches16", bars(), QUICK, out=tmp_path / "run", resume=True)
    assert again.info.model == "timm:patches16"
    assert again.classifier.model == "timm:patches16"


@pytest.fixture
def weights(timm: StandIn, tmp_path: Path) -> Path:
    module = built("timm:patches16")
    path = tmp_path / "weights.safetensors"
    Classifier(module, "timm:patches16", ("a", "b", "c"), SHAPE, (0.5,), (0.5,)).save(path)
    return path


def with_metadata(path: Path, **changes: str) -> Path:
    with safe_open(path, "pt") as file:
        metadata = file.metadata() | changes
    save_file(load_file(path), path, metadata)
    return path


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "timm:hf-hub:someone/something"}, "timm has no model"),
        ({"arguments": json.dumps({"checkpoint_path": "/etc/passwd"})}, "takes no argument"),
        ({"arguments": json.dumps({"pretrained_cfg": {"url": "http://x"}})}, "pretrained=true"),
        ({"arguments": json.dumps({"width": 4_096})}, "weights of another model"),
    ],
)
def test_a_file_that_claims_another_network_is_refused(
    weights: Path, changes: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Classifier.load(with_metadata(weights, **changes))


def test_pretrained_weights_are_not_fetched_for_a_file_that_has_its_own(
    weights: Path, timm: StandIn
) -> None:
    Classifier.load(with_metadata(weights, arguments='{"pretrained": true}'))
    assert "pretrained" not in timm.options


@pytest.mark.usefixtures("timm")
def test_pretrained_weights_are_taken_from_safetensors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = importlib.import_module("huggingface_hub")
    state = {k: torch.ones_like(v) for k, v in built("timm:patches16").network.state_dict().items()}
    save_file(state, tmp_path / "model.safetensors")
    asked = []

    def download(repository: str, file: str) -> str:
        asked.append((repository, file))
        return str(tmp_path / "model.safetensors")

    monkeypatch.setattr(hub, "hf_hub_download", download)
    module = built("timm:patches16", pretrained=True)
    assert asked == [("timm/patches16", "model.safetensors")]
    assert all((parameter == 1).all() for parameter in module.network.parameters())


@pytest.mark.usefixtures("timm")
@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("timm:patches16", "EntryNotFoundError", "not kept as safetensors, and nothing else"),
        ("timm:patches16", "LocalEntryNotFoundError", r"can't be fetched .*\(LocalEntryNotFound"),
        ("timm:patches48", "RuntimeError", "not kept as safetensors, and nothing else"),
    ],
)
def test_weights_that_cannot_be_had_are_told(
    name: str, error: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = importlib.import_module("huggingface_hub")
    kind = getattr(importlib.import_module("huggingface_hub.errors"), error, RuntimeError)

    def download(repository: str, file: str) -> str:
        raise kind("no")

    monkeypatch.setattr(hub, "hf_hub_download", download)
    with pytest.raises(InputError, match=message):
        build(name, SHAPE, 3, pretrained=True)


def test_all_of_timm_has_one_recipe() -> None:
    assert default_recipe("timm:resnet18") == default_recipe("timm:vit_tiny_patch16_224")


@pytest.fixture
def real_timm() -> ModuleType:
    """timm itself; where it is missing, as beside a PyTorch without torchvision, skipped."""
    try:
        return importlib.import_module("timm")
    except (ImportError, RuntimeError) as missing:
        pytest.skip(f"timm can't be imported here: {missing}")


REAL = {
    # Counted for 3 classes and grey images, from each architecture's paper or timm's own listing:
    # 11,689,512 of ResNet-18, less two channels of 64 7×7 filters, less 997 outputs of 512.
    "resnet18": 11_689_512 - 2 * 64 * 49 - 997 * 513,
    # 5,717,416 of ViT-Tiny, less two channels of 192 16×16 filters, less 997 outputs of 192, less
    # the places of 196 parts but for the 4 of a 32×32 image.
    "vit_tiny_patch16_224": 5_717_416 - 2 * 192 * 256 - 997 * 193 - 192 * 192,
}


@pytest.mark.usefixtures("real_timm")
@pytest.mark.parametrize("name", list(REAL))
def test_timms_own_networks_have_their_parameters(name: str) -> None:
    module = built(f"timm:{name}")
    assert sum(p.numel() for p in module.parameters()) == REAL[name]


@pytest.mark.usefixtures("real_timm")
@pytest.mark.parametrize(
    "name", ["resnet18", "vit_tiny_patch16_224", "mobilenetv3_small_050", "convnext_atto"]
)
def test_timms_own_networks_train_load_and_say_the_same_folded(name: str, tmp_path: Path) -> None:
    run = fit(f"timm:{name}", bars(48), QUICK.replace(steps=2), out=tmp_path / "run")
    classifier = Classifier.load(run.path / WEIGHTS)
    images = bars(12, seed=3).images
    normalised = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
    normalised = (normalised - classifier.mean[0]) / classifier.std[0]
    with torch.inference_mode():
        plain = classifier.module(normalised).numpy()
    np.testing.assert_allclose(classifier.logits(images), plain, atol=1e-3, rtol=1e-3)
