"""JAX in float32, the whole step compiled: images per second of training."""

import json
import sys
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from timing import CLASSES, Task, batches, random_floats, time_steps

State = dict[str, Array]
LEARNING_RATE, MOMENTUM, EPSILON = 0.01, 0.9, 1e-5


class Network:
    """Layers that find their weights by name; those that are missing are made."""

    def __init__(self, weights: State, averages: State) -> None:
        self.weights, self.averages, self.layers = weights, averages, 0

    def weight(self, *shape: int) -> Array:
        """The next layer's weights, or its bias."""
        self.layers += 1
        spread = (2 / np.prod(shape[:-1])) ** 0.5
        draw = jax.random.normal(jax.random.key(self.layers), shape)
        return self.weights.setdefault(f"{self.layers}", draw * spread)

    def conv(
        self, x: Array, width: int, kernel: int, stride: int = 1, padding: str = "VALID"
    ) -> Array:
        """A convolution without bias."""
        weight = self.weight(kernel, kernel, x.shape[-1], width)
        layout = ("NHWC", "HWIO", "NHWC")
        return lax.conv_general_dilated(x, weight, (stride, stride), padding, None, None, layout)

    def bias(self, x: Array) -> Array:
        """Add a bias to each channel."""
        return x + self.weight(x.shape[-1])

    def dense(self, x: Array, width: int) -> Array:
        """A dense layer."""
        return self.bias(x @ self.weight(x.shape[-1], width))

    def norm(self, x: Array) -> Array:
        """Batch norm by the batch's own statistics, whose moving averages are kept."""
        scale, offset = self.weight(x.shape[-1]), self.weight(x.shape[-1])
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
        for name, value in (("mean", mean), ("variance", variance)):
            key = f"{self.layers} {name}"
            before = self.averages.get(key, value)
            self.averages[key] = lax.stop_gradient(MOMENTUM * before + (1 - MOMENTUM) * value)
        return (x - mean) * (lax.rsqrt(variance + EPSILON) * scale) + offset


def mean_pool(x: Array, padding: str = "VALID") -> Array:
    """Mean of each square of 2×2, of what is there at the edge."""
    pool = partial(
        lax.reduce_window,
        init_value=0.0,
        computation=lax.add,
        window_dimensions=(1, 2, 2, 1),
        window_strides=(1, 2, 2, 1),
        padding=padding,
    )
    return pool(x) / (4.0 if padding == "VALID" else pool(jnp.ones_like(x[:1])))


def max_pool(x: Array) -> Array:
    """Maximum of each square of 2×2."""
    return lax.reduce_window(x, -jnp.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")


def scaled_tanh(x: Array) -> Array:
    """1.7159·tanh(2x/3)."""
    return 1.7159 * jnp.tanh(x * (2 / 3))


def flatten(x: Array) -> Array:
    """One row for each image."""
    return x.reshape(len(x), -1)


def conv2(net: Network, x: Array) -> Array:
    """The notebook's first network."""
    x = jax.nn.relu(net.bias(net.conv(x, 32, 3)))
    x = jax.nn.relu(net.bias(net.conv(x, 32, 3, padding="SAME")))
    return net.dense(flatten(x), CLASSES)


def conv_pool(net: Network, x: Array) -> Array:
    """The notebook's second network."""
    x = max_pool(jax.nn.relu(net.bias(net.conv(x, 32, 3))))
    return net.dense(flatten(x), CLASSES)


def lenet5(net: Network, x: Array) -> Array:
    """The notebook's third network."""
    x = mean_pool(jax.nn.relu(net.bias(net.conv(x, 32, 6))))
    x = flatten(mean_pool(jax.nn.relu(net.bias(net.conv(x, 32, 6)))))
    x = jax.nn.relu(net.dense(x, 120))
    return net.dense(jax.nn.relu(net.dense(x, 84)), CLASSES)


def lenet5_classic(net: Network, x: Array) -> Array:
    """LeNet-5 of 1998."""
    x = mean_pool(scaled_tanh(net.bias(net.conv(x, 6, 5, padding="SAME"))))
    x = flatten(mean_pool(scaled_tanh(net.bias(net.conv(x, 16, 5)))))
    x = scaled_tanh(net.dense(x, 120))
    return net.dense(scaled_tanh(net.dense(x, 84)), CLASSES)


def glyphnet(net: Network, x: Array) -> Array:
    """The residual network."""
    x = jax.nn.relu(net.norm(net.conv(x, 32, 3, 2, "SAME")))
    for width, stride in ((32, 1), (64, 2), (128, 2)):
        changed = jax.nn.relu(net.norm(net.conv(x, width, 3, stride, "SAME")))
        changed = net.norm(net.conv(changed, width, 3, 1, "SAME"))
        if stride > 1:
            x = net.norm(net.conv(mean_pool(x, "SAME"), width, 1))
        x = jax.nn.relu(changed + x)
    return net.dense(x.mean((1, 2)), CLASSES)


NETWORKS = {
    "conv2": conv2,
    "conv-pool": conv_pool,
    "lenet5": lenet5,
    "lenet5-classic": lenet5_classic,
    "glyphnet": glyphnet,
}


def loss_of(
    weights: State, averages: State, name: str, images: Array, labels: Array
) -> tuple[Array, State]:
    """Mean cross entropy of a batch, and the new moving averages."""
    net = Network(dict(weights), dict(averages))
    log_p = jax.nn.log_softmax(NETWORKS[name](net, images))
    return -jnp.take_along_axis(log_p, labels[:, None], 1).mean(), net.averages


@partial(jax.jit, static_argnums=1, donate_argnums=0)
def train_step(
    state: tuple[State, State], name: str, images: Array, labels: Array, chosen: Array
) -> tuple[State, State]:
    """One step of plain SGD on the images chosen; the state is weights and moving averages."""
    weights, averages = state
    differentiate = jax.grad(loss_of, has_aux=True)
    gradients, averages = differentiate(weights, averages, name, images[chosen], labels[chosen])
    weights = jax.tree.map(lambda w, g: w - LEARNING_RATE * g, weights, gradients)
    return weights, averages


def main() -> None:
    """Time what the JSON argument asks for."""
    task = Task(**json.loads(sys.argv[1]))
    images, labels = (jnp.asarray(array) for array in random_floats())
    first = Network({}, {})
    NETWORKS[task.model](first, images[:2])
    parameters = sum(weight.size for weight in first.weights.values())
    state, order = (first.weights, first.averages), batches(task.batch_size)

    def step() -> None:
        nonlocal state
        state = train_step(state, task.model, images, labels, next(order))

    timed = time_steps(task, step, lambda: jax.block_until_ready(state))
    print(json.dumps({**timed, "parameters": parameters}))


if __name__ == "__main__":
    main()
