"""A copy of a module for inference: fewer layers that compute the same, faster."""

import inspect
import operator
from collections import Counter
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, TypeGuard

import torch
from torch import fx, nn
from torch.fx import GraphModule, Node
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from glyphlab.models import inference_layers as layers

_RELUS = (functional.relu, torch.relu)
_tracing = Lock()


def fold(module: nn.Module, dtype: torch.dtype) -> GraphModule:
    """Make a copy of a module that only infers, and does so fast.

    Batch norm becomes part of the convolution before it, ReLU of the layer or the sum before it;
    dropout goes; convolutions and dense layers multiply in `dtype`, the last dense layer in
    float32, since a logit rounded to the 8 bits of bfloat16 moves a probability by up to 1 %.
    What is not recognised stays as it is.

    Parameters
    ----------
    module : nn.Module
        In evaluation mode. Layers that are not recognised are shared with it.
    dtype : torch.dtype

    Raises
    ------
    Exception
        Of any kind, if the flow through the module depends on the images, or hooks watch it.
    """
    if any(layer._forward_hooks or layer._forward_pre_hooks for layer in module.modules()):
        raise ValueError("its hooks would not be called")
    # The tracer puts its own in place of what calls any module, and later takes it away again.
    with _tracing:
        graph = GraphModule(module, _Tracer().trace(module))
    _drop_dropout(graph)
    _drop_conversions(graph)
    _fold_batch_norms(graph)
    _replace_layers(graph, dtype)
    _replace_functions(graph)
    _call_directly(graph)
    graph.graph.lint()
    graph.recompile()
    return graph


class _Tracer(fx.Tracer):
    """Takes glyphlab's own convolutions for PyTorch's, which they are after training."""

    def call_module(
        self,
        m: nn.Module,
        forward: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        # While it traces, the calls of all modules come here, also those of other threads.
        if m not in (self.submodule_paths or ()):
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def is_leaf_module(self, layer: nn.Module, name: str) -> bool:
        return _is_convolution(layer) or super().is_leaf_module(layer, name)


def _is_convolution(layer: nn.Module | None) -> TypeGuard[nn.Conv2d]:
    origin = type(layer).__module__
    return isinstance(layer, nn.Conv2d) and origin.startswith(("torch.nn.modules", "glyphlab."))


def _drop_dropout(graph: GraphModule) -> None:
    for node in list(graph.graph.nodes):
        if isinstance(_layer(graph, node), nn.Dropout) or _drops_nothing(node):
            _replace_by_input(graph, node)


def _drop_conversions(graph: GraphModule) -> None:
    """Leave away what converts features to the type of others: each layer converts what it gets."""
    for node in list(graph.graph.nodes):
        kind = node.args[1] if node.op == "call_method" and node.target == "to" else None
        if isinstance(kind, Node) and kind.target is getattr and kind.args[1] == "dtype":
            _replace_by_input(graph, node)
            if not kind.users:
                graph.graph.erase_node(kind)


def _drops_nothing(node: Node) -> bool:
    if node.target is not functional.dropout:
        return False
    bound = inspect.signature(functional.dropout).bind(*node.args, **node.kwargs)
    return bound.arguments.get("training", True) is False


def _fold_batch_norms(graph: GraphModule) -> None:
    calls = Counter(node.target for node in graph.graph.nodes if node.op == "call_module")
    for node, norm in _calls_of(graph, nn.BatchNorm2d):
        before = _input(node)
        convolution = _layer(graph, before)
        used_once = len(before.users) == 1 and calls[before.target] == 1
        if _is_convolution(convolution) and used_once and norm.running_mean is not None:
            graph.set_submodule(str(before.target), fuse_conv_bn_eval(convolution, norm))
            _replace_by_input(graph, node)


def _replace_layers(graph: GraphModule, dtype: torch.dtype) -> None:
    for node in list(graph.graph.nodes):
        layer = _layer(graph, node)
        if _is_convolution(layer):
            relu = _take_relu(graph, node)
            pool = _only_user(node)
            _call(node, layers.convolution(layer, dtype, relu))
            if relu and pool is not None and _is_halving(_layer(graph, pool), nn.MaxPool2d):
                _call(pool, layers.largest_of_squares)
    denses = list(_calls_of(graph, nn.Linear))
    for number, (node, layer) in enumerate(denses, start=1):
        relu = _take_relu(graph, node)
        last = number == len(denses)
        _call(node, layers.dense(layer, torch.float32 if last else dtype, relu))


def _replace_functions(graph: GraphModule) -> None:
    for node in list(graph.graph.nodes):
        if _is_sum(node) and _take_relu(graph, node):
            _call(node, layers.relu_of_sum)
        elif node.target in (torch.tanh, torch.sigmoid):
            _call(node, layers.in_float32(node.target))
        elif _is_halving(_layer(graph, node), nn.AvgPool2d):
            _call(node, layers.mean_of_squares)


def _call_directly(graph: GraphModule) -> None:
    """Call the layers that are left without `nn.Module`'s detours, which cost some 5 µs each."""
    for node in graph.graph.nodes:
        layer = _layer(graph, node)
        if layer is not None:
            _call(node, layers.plain(layer))


def _take_relu(graph: GraphModule, node: Node) -> bool:
    """Remove the ReLU that alone uses a node's output; whether there was one."""
    relu = _only_user(node)
    if relu is None or not _is_relu(graph, relu):
        return False
    _replace_by_input(graph, relu)
    return True


def _calls_of(graph: GraphModule, kind: type[Any]) -> Iterator[tuple[Node, Any]]:
    """The nodes that call a layer of exactly this kind with one input."""
    for node in list(graph.graph.nodes):
        layer = _layer(graph, node)
        if type(layer) is kind and len(node.args) == 1 and not node.kwargs:
            yield node, layer


def _layer(graph: GraphModule, node: Node) -> nn.Module | None:
    return graph.get_submodule(str(node.target)) if node.op == "call_module" else None


def _is_relu(graph: GraphModule, node: Node) -> bool:
    called = (node.op == "call_function" and node.target in _RELUS) or (
        node.op == "call_method" and node.target == "relu"
    )
    return called or type(_layer(graph, node)) is nn.ReLU


def _is_sum(node: Node) -> bool:
    two_features = len(node.args) == 2 and all(isinstance(part, Node) for part in node.args)
    return node.target in (operator.add, torch.add) and two_features and not node.kwargs


def _is_halving(layer: nn.Module | None, kind: type[nn.MaxPool2d | nn.AvgPool2d]) -> bool:
    """Whether a layer pools squares of 2×2 side by side, and does nothing else."""
    if type(layer) is not kind or layer.padding not in (0, (0, 0)) or layer.ceil_mode:
        return False
    if getattr(layer, "divisor_override", None) or getattr(layer, "dilation", 1) not in (1, (1, 1)):
        return False
    return layer.kernel_size in (2, (2, 2)) and layer.stride in (2, (2, 2))


def _only_user(node: Node) -> Node | None:
    return next(iter(node.users)) if len(node.users) == 1 else None


def _call(node: Node, function: Callable[..., Any]) -> None:
    node.op, node.target = "call_function", function


def _replace_by_input(graph: GraphModule, node: Node) -> None:
    node.replace_all_uses_with(_input(node))
    graph.graph.erase_node(node)


def _input(node: Node) -> Node:
    return node.all_input_nodes[0]
