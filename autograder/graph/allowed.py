"""The allow-list: which of Keras's classes are graded, what a graph calls them, and which hold weights.

No class of Keras is looked up or built before its `(module, class name)` has been found here.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

_WITH_WEIGHTS = """
Dense EinsumDense Embedding Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose
DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D LSTM GRU SimpleRNN ConvLSTM1D ConvLSTM2D
ConvLSTM3D LSTMCell GRUCell SimpleRNNCell RNN Bidirectional TimeDistributed BatchNormalization
LayerNormalization GroupNormalization RMSNormalization Normalization Attention AdditiveAttention
MultiHeadAttention GroupQueryAttention PReLU ReversibleEmbedding SpectralNormalization StackedRNNCells
STFTSpectrogram
"""

_WITHOUT_WEIGHTS = """
InputLayer Activation ReLU LeakyReLU ELU Softmax Identity Masking Add Subtract Multiply Average Maximum
Minimum Concatenate Dot MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D
AveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GlobalAveragePooling1D
GlobalAveragePooling2D GlobalAveragePooling3D AdaptiveAveragePooling1D AdaptiveAveragePooling2D
AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Flatten Reshape
Permute RepeatVector Cropping1D Cropping2D Cropping3D ZeroPadding1D ZeroPadding2D ZeroPadding3D UpSampling1D
UpSampling2D UpSampling3D Dropout AlphaDropout GaussianDropout GaussianNoise SpatialDropout1D
SpatialDropout2D SpatialDropout3D ActivityRegularization UnitNormalization Rescaling Resizing CenterCrop
RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomCrop
RandomColorDegeneration RandomColorJitter RandomElasticTransform RandomErasing RandomGaussianBlur
RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomSaturation
RandomSharpness RandomShear AugMix AutoContrast ContrastLimitedAdaptiveHistogramEqualization CutMix
Equalization MixUp RandAugment Solarization Pipeline MelSpectrogram CategoryEncoding
Discretization HashedCrossing Hashing IntegerLookup StringLookup TextVectorization
"""

# Layers that Keras's ready-made architectures define.
_OF_APPLICATIONS = (
    ("keras.src.applications.convnext", "LayerScale", True),
    ("keras.src.applications.convnext", "StochasticDepth", False),
    ("keras.src.applications.inception_resnet_v2", "CustomScaleLayer", False),
)

# Operations that take a function as an argument are left out: their configuration does not say what they do.
_OPERATIONS = {
    "keras.src.ops.numpy": """
Abs Absolute Add All AllClose Amax Amin Angle Any Append Arange Arccos Arccosh Arcsin Arcsinh Arctan Arctan2
Arctanh Argmax Argmin Argpartition Argsort Array ArraySplit Average Bincount BitwiseAnd BitwiseInvert
BitwiseLeftShift BitwiseNot BitwiseOr BitwiseRightShift BitwiseXor BroadcastTo Cbrt Ceil Clip Concatenate
Conj Conjugate Copy Corrcoef Correlate Cos Cosh CountNonzero Cross Cumprod Cumsum Deg2rad Diag Diagflat
Diagonal Diff Digitize Divide DivideNoNan Dot Dsplit Dstack Einsum EmptyLike Equal Exp Exp2 ExpandDims Expm1
Fabs Flip Fliplr Flipud Floor FloorDivide Fmax Fmin Fmod Full FullLike Gcd Geomspace GetItem Greater
GreaterEqual Heaviside Histogram Hsplit Hstack Hypot I0 Imag Inner Isclose Isfinite IsIn Isinf Isnan
Isneginf Isposinf Isreal Kron Lcm Ldexp LeftShift Less LessEqual Linspace Log Log10 Log1p Log2 Logaddexp
Logaddexp2 LogicalAnd LogicalNot LogicalOr LogicalXor Logspace Matmul Max Maximum Mean Median Meshgrid Min
Minimum Mod Moveaxis Multiply Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmedian Nanmin
Nanpercentile Nanprod Nanquantile Nanstd Nansum NanToNum Nanvar Ndim Negative Nextafter Nonzero NotEqual
OnesLike Outer Pad Percentile Power Prod Ptp Quantile Rad2deg Ravel Real Reciprocal Repeat Reshape
RightShift Roll Rot90 Round SearchSorted Select Sign Signbit Sin Sinc Sinh Size Slogdet Sort Split Sqrt
Square Squeeze Stack Std Subtract Sum Swapaxes Take TakeAlongAxis Tan Tanh Tensordot Tile Trace Transpose
Trapezoid Tril Triu TrueDivide Trunc Unique UnravelIndex Vander Var Vdot View Vsplit Vstack Where ZerosLike
""",
    "keras.src.ops.nn": """
AdaptiveAveragePool AdaptiveMaxPool AveragePool BatchNorm BinaryCrossentropy CategoricalCrossentropy Celu
Conv ConvTranspose CTCDecode CTCLoss DepthToSpace DepthwiseConv DotProductAttention Elu Fold Gelu Glu
HardShrink HardSigmoid HardSilu HardTanh LayerNorm LeakyRelu LogSigmoid LogSoftmax MaxPool Moments MultiHot
Normalize OneHot Polar PSNR Relu Relu6 RMSNorm Selu SeparableConv Sigmoid Silu Softmax Softplus SoftShrink
Softsign SpaceToDepth SparseCategoricalCrossentropy Sparsemax SparsePlus SparseSigmoid Squareplus TanhShrink
Threshold Unfold
""",
    "keras.src.ops.core": """
Cast ConvertToTensor SaturateCast Scatter ScatterUpdate Slice SliceUpdate StopGradient Unstack
""",
    "keras.src.ops.math": """
CDist Erf Erfc Erfinv ExtractSequences FFT FFT2 IFFT2 InTopK IRFFT ISTFT Logdet Logsumexp RFFT Rsqrt
SegmentMax SegmentMin SegmentProd SegmentReduction SegmentSum STFT TopK ViewAsComplex ViewAsReal
""",
    "keras.src.ops.linalg": """
Cholesky CholeskyInverse Det Eig Eigh Inv Lstsq LuFactor MatrixRank Norm Pinv Qr Solve SolveTriangular SVD
""",
    "keras.src.ops.image": """
AffineTransform CropImages ElasticTransform ExtractPatches GaussianBlur HSVToRGB MapCoordinates PadImages
PerspectiveTransform Resize RGBToGrayscale RGBToHSV ScaleAndTranslate SobelEdges SSIM
""",
    "keras.src.ops.einops": "Rearrange",
    "keras.src.activations.activations": "ReLU Mish",
}

# Functions that do the same as a merge layer share the layer's name.
_SHARED_NAMES = frozenset({"Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate"})

_RENAMED = {"InputLayer": "Input"}
_FUNCTIONS = ("ops.", "activations.")


@dataclass(frozen=True)
class Allowed:
    """One class of Keras, the name a graph gives it, and whether it is a layer and holds weights."""

    cls: type
    kind: str
    is_layer: bool
    has_weights: bool


@cache
def _tables() -> tuple[dict[tuple[str, str], Allowed], dict[str, Allowed]]:
    import keras

    entries: list[Allowed] = []
    for names, has_weights in ((_WITH_WEIGHTS, True), (_WITHOUT_WEIGHTS, False)):
        for name in names.split():
            cls = getattr(keras.layers, name, None)
            if cls is not None:
                entries.append(Allowed(cls, _RENAMED.get(name, name), True, has_weights))
    for module, name, has_weights in _OF_APPLICATIONS:
        cls = getattr(_module(module), name, None)
        if cls is not None:
            entries.append(Allowed(cls, name, True, has_weights))
    for module, names in _OPERATIONS.items():
        source = _module(module)
        for name in names.split():
            cls = getattr(source, name, None)
            if cls is not None:
                entries.append(Allowed(cls, _operation_kind(module, name), False, False))
    by_class = {(entry.cls.__module__, entry.cls.__name__): entry for entry in entries}
    by_kind: dict[str, Allowed] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, entry)
    return by_class, by_kind


def _module(name: str) -> ModuleType | None:
    """Return a module of Keras; None where the installed Keras does not have it yet."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        return None


def _operation_kind(module: str, name: str) -> str:
    if module.endswith("numpy") and name in _SHARED_NAMES:
        return name
    prefix = "activations" if "activations" in module else "ops"
    return f"{prefix}.{snake_case(name)}"


def snake_case(name: str) -> str:
    """Convert `ExpandDims` to `expand_dims`, as Keras names its functions."""
    from keras.src.utils.naming import to_snake_case

    found: str = to_snake_case(name)
    return found


def by_class(module: str, class_name: str) -> Allowed | None:
    """Return the entry of a class, or None where it is not on the list."""
    return _tables()[0].get((module, class_name))


def by_kind(kind: str) -> Allowed | None:
    """Return the entry that a graph's kind stands for (for a merge, the layer)."""
    return _tables()[1].get(kind)


def holds_weights(kind: str) -> bool:
    """Return whether sharing an operation of that kind shares weights; true of kinds not on the list.

    This does not import Keras, because pictures are drawn where it is not even installed.
    """
    return kind not in _weightless() and not kind.startswith(_FUNCTIONS)


@cache
def _weightless() -> frozenset[str]:
    layers = (_RENAMED.get(name, name) for name in _WITHOUT_WEIGHTS.split())
    return _SHARED_NAMES.union(layers, (name for _, name, has_weights in _OF_APPLICATIONS if not has_weights))


@cache
def parameters_of(cls: type, method: str) -> tuple[tuple[str, Any], ...]:
    """Return a method's parameters with their defaults (`inspect.Parameter.empty` where there is none)."""
    import inspect

    signature = inspect.signature(getattr(cls, method))
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    found = [
        (name, parameter.default)
        for name, parameter in signature.parameters.items()
        if parameter.kind in kinds
    ]
    return tuple(found[1:] if found and found[0][0] == "self" else found)
