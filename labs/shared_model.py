"""The shared model that a lab practises on, run as a vendor's agent would: with onnxruntime."""

from collections.abc import Sequence

import numpy as np
import onnxruntime as ort
import pandas as pd
from numpy.typing import NDArray


class SharedModel:
    """An ONNX classifier over named columns; `version` tells which release it is."""

    def __init__(self, onnx: bytes, columns: Sequence[str], version: str = "") -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = ort.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
        self.columns = tuple(columns)
        self.version = version

    def __call__(self, table: pd.DataFrame) -> NDArray[np.float32]:
        """Probability of a defect, 0…1, for each row."""
        rows = table[list(self.columns)].to_numpy(dtype=np.float32)
        name = self._session.get_inputs()[0].name
        outputs = dict(
            zip(
                (each.name for each in self._session.get_outputs()),
                self._session.run(None, {name: rows}),
                strict=True,
            )
        )
        values: NDArray[np.float32] = np.asarray(outputs["probability"], dtype=np.float32)
        return values[:, 1] if values.ndim == 2 else values
