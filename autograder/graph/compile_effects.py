"""The arguments of `compile`, resolved to their effect on each output as Keras resolves them in `fit`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from autograder.graph.allowed import snake_case
from autograder.graph.model import Compiled

_LOSS_ALIASES = {
    "mse": "mean_squared_error",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "huber_loss": "huber",
}
_METRIC_ALIASES = {**_LOSS_ALIASES, "acc": "accuracy"}
_LOSS_DEFAULTS = {
    "from_logits": False,
    "label_smoothing": 0.0,
    "axis": -1,
    "delta": 1.0,
    "ignore_class": None,
    "alpha": 0.25,
    "gamma": 2.0,
    "apply_class_balancing": False,
    "threshold": 0.5,
}
_NOT_SETTINGS = frozenset({"name", "reduction", "dtype", "fn", "thresholds"})


def read_compile(
    given: Mapping[str, Any] | None, names: Sequence[str], *, keyed: bool = False
) -> Compiled | None:
    """Return the effect of a model's compile arguments; None where it was never compiled.

    Args:
        given: the arguments as the evidence has them.
        names: the outputs' names, in order.
        keyed: whether the model returns its outputs as a dict with those names as keys.
    """
    if given is None:
        return None
    loss, weights = given.get("loss"), given.get("loss_weights")
    losses, lost = _by_output(loss, names, spread=True)
    by_alphabet = _is_mapping(weights) and isinstance(loss, list) and not keyed
    return Compiled(
        optimizer=_optimizer(given.get("optimizer")),
        losses={name: _named(losses.get(name), _LOSS_ALIASES) for name in names},
        loss_weights=_weights(weights, names, by_alphabet=by_alphabet),
        metrics=_metrics(given, names),
        unmatched_losses=lost,
        unmatched_loss_weights=_unmatched(weights, names),
        unmatched_metrics=tuple(
            dict.fromkeys(
                (*_unmatched(given.get("metrics"), names), *_unmatched(given.get("weighted_metrics"), names))
            )
        ),
        surplus=dict(_surplus(loss, weights, names)),
        weights_by_alphabet=by_alphabet,
    )


def resolved_metric(name: str, loss: str | None, units: int | None) -> str:
    """Return the metric that Keras takes for a name at an output: for `accuracy`, the one that fits there.

    Source: `keras.src.trainers.compile_utils.get_metric`, in Keras 3.

    Args:
        name: the metric's name, as in `Compiled`.
        loss: the output's loss, which tells whether targets are class numbers.
        units: how many numbers the output has, where that is known.

    >>> from autograder.graph import resolved_metric
    >>> resolved_metric("accuracy", "binary_crossentropy", units=1)
    'binary_accuracy'
    >>> resolved_metric("accuracy", "sparse_categorical_crossentropy", units=10)
    'sparse_categorical_accuracy'
    """
    if name != "accuracy":
        return name
    if units == 1:
        return "binary_accuracy"
    sparse = loss is not None and loss.startswith("sparse_")
    return "sparse_categorical_accuracy" if sparse else "categorical_accuracy"


def _is_mapping(value: Any) -> bool:
    """Return whether a value is a learner's dict, and not one that describes an object or a function."""
    return isinstance(value, dict) and not any(
        marks <= value.keys() for marks in ({"class_name", "module"}, {"function"}, {"opaque"})
    )


def _unmatched(value: Any, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(key for key in value if key not in names) if _is_mapping(value) else ()


def _surplus(loss: Any, weights: Any, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield each argument with too many entries, and how many; one output takes any list of losses."""
    if isinstance(loss, list) and len(loss) > len(names) > 1:
        yield "loss", len(loss)
    if isinstance(weights, list) and len(weights) > len(names):
        yield "loss_weights", len(weights)


def _by_output(value: Any, names: Sequence[str], *, spread: bool) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return each output's value, and keys that name no output; `spread` gives a single value to them all."""
    if _is_mapping(value):
        return {name: value[name] for name in names if name in value}, _unmatched(value, names)
    if isinstance(value, list):
        return dict(zip(names, value, strict=False)), ()
    return (dict.fromkeys(names, value) if spread else dict(zip(names, [value], strict=False))), ()


def _weights(weights: Any, names: Sequence[str], *, by_alphabet: bool) -> dict[str, float | str | None]:
    """Return the weight of each output's loss; a text where somebody has put a number in quotes.

    With a list of losses, Keras flattens a dict of weights by its sorted keys, whatever the outputs' order.
    """
    if by_alphabet:
        weights = [weights[key] for key in sorted(weights)]
    found, _ = _by_output(weights, names, spread=False)
    return {name: _number(found.get(name)) for name in names}


def _number(value: Any) -> float | str | None:
    return float(value) if type(value) in (int, float) else value if isinstance(value, str) else None


def _metrics(given: Mapping[str, Any], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    for argument in ("metrics", "weighted_metrics"):
        value = given.get(argument)
        if value is None:
            continue
        # A single value is for a single output; several outputs need a dict, or a list with an entry each.
        if len(names) == 1 and not _is_mapping(value):
            by_output: dict[str, Any] = dict.fromkeys(names, value)
        elif _is_mapping(value) or (isinstance(value, list) and len(value) == len(names)):
            by_output, _ = _by_output(value, names, spread=False)
        else:
            by_output = {}
        for name, entry in by_output.items():
            entries = entry if isinstance(entry, list) else [entry]
            told = tuple(told for item in entries if (told := _named(item, _METRIC_ALIASES)) is not None)
            found[name] = (*found[name], *told)
    return found


def _optimizer(value: Any) -> str | None:
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        return str(value["class_name"]).lower()
    return None


def _named(value: Any, aliases: Mapping[str, str]) -> str | None:
    """Return the one name of a loss or metric, which is a string, a function, or an object with settings."""
    if isinstance(value, list) and len(value) == 1:
        # Keras unpacks a list of one.
        return _named(value[0], aliases)
    if isinstance(value, str):
        spelled = value if value.islower() else snake_case(value)
        return aliases.get(spelled, spelled)
    if not isinstance(value, dict):
        return None
    function = value.get("function")
    if isinstance(function, str):
        module, _, plain = function.rpartition(".")
        return aliases.get(plain, plain) if module.startswith("keras.") else function
    class_name = value.get("class_name")
    if not isinstance(class_name, str):
        opaque = value.get("opaque")
        return opaque if isinstance(opaque, str) else None
    if not str(value.get("module", "")).startswith("keras."):
        return f"{value.get('module')}.{class_name}"
    name = snake_case(class_name)
    if name == "accuracy":
        # The class compares numbers for equality; the string `accuracy` is resolved to fit the output.
        return "Accuracy()"
    told = aliases.get(name, name)
    config = value.get("config")
    settings = config if isinstance(config, dict) else {}
    shown = [
        f"{key}={setting}"
        for key, setting in settings.items()
        if key not in _NOT_SETTINGS
        and isinstance(setting, str | int | float | bool)
        and _LOSS_DEFAULTS.get(key, setting) != setting
    ]
    return f"{told}({', '.join(shown)})" if shown else told
