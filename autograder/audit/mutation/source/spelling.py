"""Makes typing errors, and knows words that are taken for one another."""

from __future__ import annotations

from collections.abc import Iterable

# Words that are easily written for one another.
WORDS = (
    ("same", "valid"),
    ("relu", "sigmoid", "softmax", "tanh"),
    ("rmsprop", "adam", "sgd"),
    ("mse", "mae"),
    (
        "categorical_crossentropy",
        "sparse_categorical_crossentropy",
        "binary_crossentropy",
        "mean_squared_error",
    ),
    ("accuracy", "mae"),
    ("int32", "float32"),
    ("compile", "fit", "never"),
    ("avg", "max"),
)

# Layers and functions that are easily written for one another.
KINDS = (
    ("Conv2D", "SeparableConv2D", "Conv1D", "Dense"),
    ("Conv1D", "SeparableConv1D", "Conv2D"),
    ("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D"),
    ("AveragePooling2D", "MaxPooling2D"),
    ("MaxPooling1D", "AveragePooling1D", "MaxPooling2D"),
    ("GlobalAveragePooling2D", "GlobalMaxPooling2D", "Flatten"),
    ("GlobalMaxPooling1D", "GlobalAveragePooling1D", "Flatten"),
    ("LSTM", "GRU", "SimpleRNN"),
    ("Dense", "EinsumDense", "Dropout"),
    ("Embedding", "Dense"),
    ("Rescaling", "Normalization"),
    ("add", "concatenate", "multiply", "average", "Add"),
    ("concatenate", "add", "multiply", "average", "Concatenate"),
    ("Xception", "InceptionV3"),
    ("Model", "Sequential"),
)


def misspelt(word: str) -> str:
    """Return the word with two letters swapped or one too many: `smae`, `AmxPooling2D`, `xx` for `x`."""
    for place in range(1, len(word) - 1):
        first, second = word[place], word[place + 1]
        if first != second and first.isalpha() and second.isalpha():
            return word[:place] + second + first + word[place + 2 :]
    return f"{word}{word[-1:] or 'x'}"


def misspelt_kinds(name: str) -> list[str]:
    """Return wrong spellings of a library's class or function: `AmxPooling2D`, `Conv2d`, `conv2D`."""
    found = [name[1].upper() + name[0].lower() + name[2:] if name[:1].isupper() else misspelt(name)]
    if name[-1:].isupper() and not name.isupper():
        found.append(name[:-1] + name[-1].lower())
    if name[:1].isupper():
        found.append(name[0].lower() + name[1:])
    return [other for other in dict.fromkeys(found) if other != name]


def near(word: str, groups: Iterable[tuple[str, ...]] = WORDS) -> list[str]:
    """Return the other words of the groups that a word is in."""
    return list(dict.fromkeys(other for group in groups if word in group for other in group if other != word))


def near_kinds(name: str) -> list[str]:
    """Return what is easily written for that layer or function."""
    return list(dict.fromkeys(other for first, *others in KINDS if first == name for other in others))
