"""Lists what older versions of Keras called by another name, and what it is called now.

Sources: the release notes of Keras 2.0 and 3.0, and Keras's own migration guides.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.checks.errors.public_names import names_by_module


@dataclass(frozen=True)
class OldName:
    """A name of an older Keras: what to write now, and the version that dropped it.

    `now` is empty where Keras has nothing of the kind any more.
    """

    now: str
    dropped: str


_LAYERS = OldName("keras.layers", "3")
_UTILS = OldName("keras.utils", "3")
_CONCATENATE = OldName("keras.layers.concatenate", "2")

# The function that now does what `mode` of the old `merge` did.
MERGES = {
    "sum": "add",
    "mul": "multiply",
    "ave": "average",
    "max": "maximum",
    "dot": "dot",
    "concat": "concatenate",
}

# Modules and what is in them, by their full names.
PLACES = {
    "keras.layers.merge": _CONCATENATE,
    "keras.layers.Merge": _CONCATENATE,
    "keras.layers.merge.*": _LAYERS,
    "keras.layers.TimeDistributedDense": OldName("keras.layers.TimeDistributed", "2"),
    "keras.layers.AtrousConvolution1D": OldName("keras.layers.Conv1D(..., dilation_rate=...)", "2"),
    "keras.layers.AtrousConvolution2D": OldName("keras.layers.Conv2D(..., dilation_rate=...)", "2"),
    "keras.layers.Deconvolution2D": OldName("keras.layers.Conv2DTranspose", "2"),
    "keras.layers.MaxoutDense": OldName("", "2"),
    "keras.layers.Highway": OldName("", "2"),
    "keras.layers.CuDNNLSTM": OldName("keras.layers.LSTM", "3"),
    "keras.layers.CuDNNGRU": OldName("keras.layers.GRU", "3"),
    "keras.layers.ThresholdedReLU": OldName("keras.layers.ReLU(threshold=...)", "3"),
    "keras.layers.LocallyConnected1D": OldName("", "3"),
    "keras.layers.LocallyConnected2D": OldName("", "3"),
    "keras.layers.experimental": _LAYERS,
    "keras.layers.experimental.*": _LAYERS,
    **{
        f"keras.layers.{module}{rest}": _LAYERS
        for module in (
            "advanced_activations",
            "convolutional",
            "convolutional_recurrent",
            "core",
            "embeddings",
            "local",
            "noise",
            "normalization",
            "pooling",
            "recurrent",
            "wrappers",
        )
        for rest in ("", ".*")
    },
    "keras.engine": OldName("keras", "3"),
    "keras.engine.*": OldName("keras", "3"),
    "keras.models.Graph": OldName("keras.Model", "2"),
    "keras.legacy": OldName("keras.layers", "3"),
    "keras.utils.np_utils": _UTILS,
    "keras.utils.generic_utils": _UTILS,
    "keras.utils.layer_utils": _UTILS,
    "keras.utils.data_utils": _UTILS,
    "keras.utils.vis_utils": OldName("keras.utils.plot_model", "3"),
    "keras.utils.visualize_util": OldName("keras.utils.plot_model", "2"),
    "keras.utils.plot": OldName("keras.utils.plot_model", "2"),
    "keras.utils.multi_gpu_model": OldName("", "3"),
    "keras.preprocessing.text": OldName("keras.layers.TextVectorization", "3"),
    "keras.preprocessing.image.ImageDataGenerator": OldName("keras.utils.image_dataset_from_directory", "3"),
    "keras.objectives": OldName("keras.losses", "2"),
    "keras.initializations": OldName("keras.initializers", "2"),
    "keras.initializers.normal": OldName("keras.initializers.RandomNormal", "3"),
    "keras.initializers.uniform": OldName("keras.initializers.RandomUniform", "3"),
    "keras.wrappers.scikit_learn": OldName("keras.wrappers", "3"),
    "keras.optimizers.legacy": OldName("keras.optimizers", "3"),
    "keras.optimizers.adam_v2": OldName("keras.optimizers.Adam", "3"),
    "keras.optimizers.rmsprop_v2": OldName("keras.optimizers.RMSprop", "3"),
    "keras.optimizers.gradient_descent_v2": OldName("keras.optimizers.SGD", "3"),
    "keras.optimizers.adam": OldName("keras.optimizers.Adam", "3"),
    "keras.optimizers.rmsprop": OldName("keras.optimizers.RMSprop", "3"),
    "keras.optimizers.sgd": OldName("keras.optimizers.SGD", "3"),
    "keras.losses.mse": OldName("keras.losses.MeanSquaredError()", "3"),
    "keras.losses.mae": OldName("keras.losses.MeanAbsoluteError()", "3"),
    "keras.metrics.mse": OldName("keras.metrics.MeanSquaredError()", "3"),
    "keras.metrics.mae": OldName("keras.metrics.MeanAbsoluteError()", "3"),
    "keras.backend.placeholder": OldName("keras.Input", "3"),
    "keras.backend.dot": OldName("keras.ops.matmul", "3"),
    "keras.backend.batch_dot": OldName("keras.layers.Dot", "3"),
    "keras.backend.l2_normalize": OldName("keras.ops.normalize", "3"),
    "keras.backend.pow": OldName("keras.ops.power", "3"),
    "keras.backend.eval": OldName("keras.ops.convert_to_numpy", "3"),
    "keras.backend.function": OldName("keras.Model", "3"),
    "keras.backend.random_normal": OldName("keras.random.normal", "3"),
    "keras.backend.random_uniform": OldName("keras.random.uniform", "3"),
    "keras.backend.variable": OldName("keras.Variable", "3"),
    "keras.backend.set_image_dim_ordering": OldName("keras.config.set_image_data_format", "2"),
    "tensorflow.python.keras": OldName("keras", "3"),
    "tensorflow.python.keras.*": OldName("keras", "3"),
    "tensorflow.layers": OldName("keras.layers", "3"),
    "tensorflow.placeholder": OldName("keras.Input", "3"),
    "tensorflow.contrib": OldName("keras", "3"),
}

KEYWORDS = {
    "subsample": OldName("strides", "2"),
    "border_mode": OldName("padding", "2"),
    "nb_filter": OldName("filters", "2"),
    "nb_row": OldName("kernel_size", "2"),
    "nb_col": OldName("kernel_size", "2"),
    "filter_length": OldName("kernel_size", "2"),
    "subsample_length": OldName("strides", "2"),
    "pool_length": OldName("pool_size", "2"),
    "dim_ordering": OldName("data_format", "2"),
    "init": OldName("kernel_initializer", "2"),
    "inner_init": OldName("recurrent_initializer", "2"),
    "inner_activation": OldName("recurrent_activation", "2"),
    "W_regularizer": OldName("kernel_regularizer", "2"),
    "U_regularizer": OldName("recurrent_regularizer", "2"),
    "b_regularizer": OldName("bias_regularizer", "2"),
    "W_constraint": OldName("kernel_constraint", "2"),
    "U_constraint": OldName("recurrent_constraint", "2"),
    "b_constraint": OldName("bias_constraint", "2"),
    "bias": OldName("use_bias", "2"),
    "dropout_W": OldName("dropout", "2"),
    "dropout_U": OldName("recurrent_dropout", "2"),
    "output_dim": OldName("units", "2"),
    "p": OldName("rate", "2"),
    "concat_axis": OldName("axis", "2"),
    "input": OldName("inputs", "2"),
    "output": OldName("outputs", "2"),
    "batch_input_shape": OldName("keras.Input(batch_shape=...)", "3"),
    "input_length": OldName("keras.Input(shape=...)", "3"),
    "nb_epoch": OldName("epochs", "2"),
    "nb_classes": OldName("num_classes", "2"),
    "samples_per_epoch": OldName("steps_per_epoch", "2"),
    "nb_val_samples": OldName("validation_steps", "2"),
    "lr": OldName("learning_rate", "3"),
    "y": OldName("x", "3"),
}

METHODS = {
    "fit_generator": OldName("fit", "3"),
    "evaluate_generator": OldName("evaluate", "3"),
    "predict_generator": OldName("predict", "3"),
    "predict_classes": OldName("np.argmax(model.predict(x), axis=-1)", "3"),
    "predict_proba": OldName("predict", "3"),
    "get_output_at": OldName("output", "3"),
    "get_input_at": OldName("input", "3"),
    "get_output_shape_at": OldName("output.shape", "3"),
    "get_input_shape_at": OldName("input.shape", "3"),
    "output_shape": OldName("output.shape", "3"),
    "input_shape": OldName("input.shape", "3"),
    "inbound_nodes": OldName("input", "3"),
    "outbound_nodes": OldName("output", "3"),
    "uses_learning_phase": OldName("", "3"),
    "get_shape": OldName("shape", "3"),
}


def place(name: str) -> OldName | None:
    """Return what a module, or something in one, is called now, by its full name: `keras.utils.np_utils`."""
    if name in PLACES:
        return PLACES[name]
    module, _, last = name.rpartition(".")
    for ending in (module, module.rpartition(".")[0]):
        if (old := PLACES.get(f"{ending}.*")) is not None:
            known = names_by_module().get(old.now, ())
            return OldName(f"{old.now}.{last}", old.dropped) if last in known else old
    if module == "keras.backend" and last in names_by_module().get("keras.ops", ()):
        return OldName(f"keras.ops.{last}", "3")
    return None


def keyword(name: str) -> OldName | None:
    """Return what a keyword argument is called now."""
    return KEYWORDS.get(name)


def method(name: str) -> OldName | None:
    """Return what to write in place of a method or an attribute of a layer or a model."""
    return METHODS.get(name)
