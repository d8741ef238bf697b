"""Losses, penalties, optimizers, and the moving average of weights."""

import copy
import inspect

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

from glyphlab.training.recipe import Recipe

GCE_EXPONENT = 0.7


def class_weights(
    counts: Int64[np.ndarray, " classes"], balance: float
) -> Float[Tensor, " classes"]:
    """Weights of classes in the loss, each n^-balance for n images, with mean 1 over the images.

    Parameters
    ----------
    counts : int64 [classes]
        Of the training images.
    balance : float
        See `Recipe`.
    """
    raw = np.maximum(counts, 1).astype(np.float64) ** -balance
    return torch.tensor(raw * (counts.sum() / (raw * counts).sum()), dtype=torch.float32)


def training_loss(
    logits: Float[Tensor, "batch classes"],
    labels: Int64[Tensor, " batch"],
    recipe: Recipe,
    class_weights: Float[Tensor, " classes"],
) -> Float[Tensor, ""]:
    """Mean loss of a batch, in the form that the Recipe names, each image weighted by its class.

    Notes
    -----
    Generalised cross entropy is (1 - p_y^q) / q with q = 0.7 (Zhang & Sabuncu 2018): between cross
    entropy (q → 0) and mean absolute error (q = 1), so one wrong label costs at most 1 / q.
    """
    if recipe.loss == "generalised_cross_entropy":
        log_p = functional.log_softmax(logits, dim=1).gather(1, labels[:, None])
        losses = (-torch.expm1(GCE_EXPONENT * log_p) / GCE_EXPONENT).squeeze(1)
    else:
        losses = functional.cross_entropy(
            logits, labels, label_smoothing=recipe.label_smoothing, reduction="none"
        )
    return (losses * class_weights[labels]).mean()


class _Uncompiled:
    """What is below the wrappers by which an optimizer's methods deal with `torch.compile`.

    The wrappers import PyTorch's compiler at their first call: two seconds, for what is not used.
    """

    add_param_group = inspect.unwrap(torch.optim.Optimizer.add_param_group)
    state_dict = inspect.unwrap(torch.optim.Optimizer.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.Optimizer.load_state_dict)
    zero_grad = inspect.unwrap(torch.optim.Optimizer.zero_grad)


class SGD(_Uncompiled, torch.optim.SGD):
    """PyTorch's stochastic gradient descent."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.SGD.step))


class Adam(_Uncompiled, torch.optim.Adam):
    """PyTorch's Adam."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))


class AdamW(_Uncompiled, torch.optim.AdamW):
    """PyTorch's AdamW."""

    step = torch.no_grad()(inspect.unwrap(torch.optim.AdamW.step))


def make_optimizer(module: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Make the Recipe's optimizer; only weights decay, biases and batch-norm do not."""
    groups = [
        {"params": weights(module), "weight_decay": recipe.weight_decay},
        {
            "params": [p for p in module.parameters() if p.ndim < 2],
            "weight_decay": 0.0,
        },
    ]
    match recipe.optimizer:
        case "sgd":
            nesterov = recipe.nesterov and recipe.momentum > 0
            return SGD(
                groups,
                recipe.learning_rate,
                momentum=recipe.momentum,
                nesterov=nesterov,
                fused=True,
            )
        case "adam":
            return Adam(groups, recipe.learning_rate, fused=True)
        case "adamw":
            return AdamW(groups, recipe.learning_rate, fused=True)


def weights(module: nn.Module) -> list[nn.Parameter]:
    """The parameters that are weights: not biases, scales or offsets, which have one axis."""
    return [p for p in module.parameters() if p.ndim >= 2]


@torch.no_grad()
def add_penalties(module: nn.Module, recipe: Recipe) -> None:
    """Add the gradients of `l1`·Σ|w| and `l2`/2·Σw² to those of the loss."""
    if not (recipe.l1 or recipe.l2):
        return
    for weight in weights(module):
        if weight.grad is not None:
            weight.grad.add_(weight.sign(), alpha=recipe.l1).add_(weight, alpha=recipe.l2)


def set_dropout(module: nn.Module, rate: float) -> int:
    """Set the rate of every dropout layer; tell how many there are."""
    layers = [m for m in module.modules() if isinstance(m, nn.modules.dropout._DropoutNd)]
    for layer in layers:
        layer.p = rate
    return len(layers)


class MovingAverage:
    """Exponential moving average of a module's weights and buffers (Polyak & Juditsky 1992).

    The decay starts low and grows to its value, so that the first, bad weights are soon forgotten.
    """

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(module).requires_grad_(False).eval()
        self.decay = decay

    @torch.no_grad()
    def update(self, module: nn.Module, step: int) -> None:
        """Move the average towards the module's present state."""
        decay = min(self.decay, (1 + step) / (10 + step))
        mine, theirs = self.module.state_dict(), module.state_dict()
        floating = [key for key, value in mine.items() if value.is_floating_point()]
        torch._foreach_lerp_([mine[k] for k in floating], [theirs[k] for k in floating], 1 - decay)
        for key in mine.keys() - floating:
            mine[key].copy_(theirs[key])
