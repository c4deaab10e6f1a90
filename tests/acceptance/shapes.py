"""Which fields an answer has, and of which JSON types; written as examples of them."""

from typing import Any

Shape = Any
"""A type, a set of types (None for null), a list with one shape for all elements, or a dict of shapes by field."""


def hold_shape(value: Any, shape: Shape, path: str = "data") -> None:
    """Assert that a value has exactly the fields of a shape, each of its type; an int is never a bool."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), path
        assert set(value) == set(shape), f"{path}: {set(value) ^ set(shape)}"
        for name, inner in shape.items():
            hold_shape(value[name], inner, f"{path}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), path
        assert value, f"{path} is empty and shows nothing"
        for index, one in enumerate(value):
            hold_shape(one, shape[0], f"{path}[{index}]")
    else:
        kinds = shape if isinstance(shape, set) else {shape}
        assert type(value) in {type(None) if kind is None else kind for kind in kinds}, f"{path} is {value!r}"
