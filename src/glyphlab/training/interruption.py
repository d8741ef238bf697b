"""Ctrl-C during a training; see `glyphlab.interruption`."""

from glyphlab.interruption import StopRequest, stop_on_interrupt

__all__ = ["StopRequest", "stop_on_interrupt"]
