"""Which pixels a mistake hangs on."""

import numpy as np
import torch
from jaxtyping import Float32, Int64, UInt8

from glyphlab.models.classifier import Classifier, normalise


def saliency(
    classifier: Classifier,
    images: UInt8[np.ndarray, "n height width channels"],
    predicted: Int64[np.ndarray, " n"],
    true: Int64[np.ndarray, " n"],
) -> Float32[np.ndarray, "n height width"]:
    """How strongly each pixel moves the balance between the predicted and the true class.

    Parameters
    ----------
    classifier : Classifier
    images : uint8 [n, height, width, channels]
    predicted, true : int64 [n]
        Class indices.

    Returns
    -------
    float32 [n, height, width]
        The absolute gradient of the difference of both logits, the largest over the channels, as a
        share of each image's greatest.

    Notes
    -----
    K. Simonyan, A. Vedaldi & A. Zisserman, "Deep inside convolutional networks", 2014.
    """
    module = classifier.module
    device = next(module.parameters()).device
    said, meant = (torch.from_numpy(np.array(c)).to(device)[:, None] for c in (predicted, true))
    batch = torch.from_numpy(np.array(images)).to(device)
    inputs = normalise(batch, classifier.mean, classifier.std).detach().requires_grad_()
    was_training = module.training
    module.eval()
    logits = module(inputs)
    balance = logits.gather(1, said) - logits.gather(1, meant)
    (gradient,) = torch.autograd.grad(balance.sum(), inputs)
    module.train(was_training)
    strength = gradient.abs().amax(dim=1)
    greatest = strength.amax(dim=(1, 2), keepdim=True).clamp_min(torch.finfo().tiny)
    return np.asarray((strength / greatest).cpu().numpy(), np.float32)
