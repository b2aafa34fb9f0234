"""The attributor: runs the attribution model over documents and reads attributions off its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from claimcheck.attribution.decoding import Table, decode
from claimcheck.attribution.encoding import Encoding, encode, span_pieces, windows
from claimcheck.checkpoints import (
    check_vocabulary,
    pickled,
    read_json,
    read_tokenizer,
    read_weights,
    verify,
)
from claimcheck.engine import length_batches, pick_device, pick_dtype
from claimcheck.errors import InputError, ModelError
from claimcheck.records import Attribution, Document, Span
from claimcheck.segmentation import Segmentation, segment

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from claimcheck.attribution.model import AttributionModel

Window = tuple[int, int, int]  # document number, first piece, end piece
Vectors = npt.NDArray[np.float32]
Pieces = npt.NDArray[np.float16]  # states of a document's pieces

MOST_PIECES = 20_000  # of a longer document, no states are kept


class Attributor:
    """Finds attributions with the model of :mod:`claimcheck.attribution.model`.

    Parameters
    ----------
    convention
        What spans look like: "news" (the conventions of claimcheck's own articles) or "polnear" (Newell et al.,
        LREC 2018).
    threshold
        Probability from which an anchor counts, 0 to 1; default: the checkpoint's own for the convention.
    tokens_per_batch
        Word pieces, padding included, that the encoder reads together; default: 2,048 on a processor, 8,192 on a GPU.
    """

    def __init__(
        self,
        model: AttributionModel,
        tokenizer: Tokenizer,
        *,
        convention: str = "news",
        threshold: float | None = None,
        device: str = "auto",
        dtype: str = "auto",
        tokens_per_batch: int | None = None,
    ) -> None:
        from claimcheck.attribution.model import convention_token

        token = convention_token(convention)
        self.threshold = model.config.thresholds[convention] if threshold is None else threshold
        if not 0 <= self.threshold <= 1:
            raise InputError(f"threshold {threshold} must be between 0 and 1")
        self.convention = convention
        self.device = pick_device(device)
        self.dtype = pick_dtype(dtype, self.device)
        self.model = model.to(self.device).eval()
        self.model.set_matmul_dtype(self.dtype)
        self.tokenizer = tokenizer
        on_processor = self.device.type == "cpu"  # whose cache holds the states of a small batch
        self.tokens_per_batch = tokens_per_batch or (2048 if on_processor else 8192)
        self.hash: str | None = None
        self._source: tuple[Path, dict[str, Any]] | None = None
        self._vocabulary = tokenizer.get_vocab()
        self._mark = self._vocabulary[token]

    def __reduce__(self) -> tuple[Any, ...]:
        source, options = self._source or (None, {})
        names = ("threshold", "tokens_per_batch")
        return pickled(self, source, options, {name: getattr(self, name) for name in names})

    @classmethod
    def from_pretrained(
        cls,
        folder: str | Path,
        *,
        convention: str = "news",
        threshold: float | None = None,
        device: str = "auto",
        dtype: str = "auto",
    ) -> Attributor:
        """Load a checkpoint folder with ``model.safetensors``, ``config.json`` and ``tokenizer.json``.

        Raises
        ------
        ModelError
            If a file is missing, damaged, or of another kind of model.
        """
        from claimcheck.attribution.model import AttributionModel, ModelConfig, convention_token
        from claimcheck.bert import check_shapes

        folder = Path(folder)
        digest = verify(folder)
        config = read_json(folder / "config.json")
        if config.get("model_type") != "claimcheck-attribution":
            raise ModelError(
                f"{folder} holds a model of type {config.get('model_type')!r}, expected 'claimcheck-attribution'"
            )
        weights = read_weights(folder)
        try:
            head = ModelConfig(**config["head"])
            check_shapes(config["encoder"], weights, "encoder.")
            model = AttributionModel.from_config(config["encoder"], head)
            model.load_state_dict(weights, assign=True)
        except ModelError as error:
            raise ModelError(f"{folder / 'config.json'}: {error}") from None
        except (AttributeError, KeyError, TypeError) as error:
            raise ModelError(
                f"{folder / 'config.json'} does not describe an attribution model: {error}"
            ) from None
        except RuntimeError as error:
            raise ModelError(f"the weights in {folder} do not fit its config.json: {error}") from None
        positions = model.encoder.config.max_position_embeddings
        if model.config.window + 3 > positions:
            raise ModelError(
                f"{folder / 'config.json'}: a window of {model.config.window} pieces and 3 special ones exceeds the "
                f"{positions} positions of the encoder"
            )
        tokenizer = read_tokenizer(folder)
        needed = ("[PAD]", "[CLS]", "[SEP]", convention_token(convention))
        check_vocabulary(tokenizer, folder, model.encoder.config.vocab_size, needed)
        options: dict[str, Any] = {
            "convention": convention,
            "threshold": threshold,
            "device": device,
            "dtype": dtype,
        }
        attributor = cls(model, tokenizer, **options)
        attributor._source = folder, options
        attributor.hash = digest
        return attributor

    def attribute(
        self, document: Document, segmentation: Segmentation | None = None
    ) -> tuple[Attribution, ...]:
        """Return the attributions of one document, numbered a1, a2, … in the order in which they begin."""
        return self.attribute_batch([document], None if segmentation is None else [segmentation])[0]

    def attribute_batch(
        self, documents: Sequence[Document], segmentations: Sequence[Segmentation] | None = None
    ) -> list[tuple[Attribution, ...]]:
        """Return the attributions of each document, in order; windows of all documents share batches.

        Documents of equal text are read once.
        """
        return [found for found, _ in self._each(documents, segmentations, keep_states=False)]

    def attribute_with_states(
        self, documents: Sequence[Document], segmentations: Sequence[Segmentation] | None = None
    ) -> list[tuple[tuple[Attribution, ...], Vectors]]:
        """Return the attributions of each document, and for each the encoder's mean state (H,) over its content.

        The states (n_attributions, H) know the article around a content; those of a document of more than 20,000 word
        pieces are zeros.
        """
        return self._each(documents, segmentations, keep_states=True)

    def _each(
        self,
        documents: Sequence[Document],
        segmentations: Sequence[Segmentation] | None,
        *,
        keep_states: bool,
    ) -> list[tuple[tuple[Attribution, ...], Vectors]]:
        """Return attributions and states of each document; of equal ones those of the first."""
        if segmentations is None:
            segmentations = [segment(document.text) for document in documents]
        first = {document.text: n for n, document in reversed(list(enumerate(documents)))}
        same = [first[document.text] for document in documents]
        own = [n for n, k in enumerate(same) if n == k or segmentations[n] != segmentations[k]]
        found = dict(
            zip(
                own,
                self._attribute(
                    [documents[n] for n in own], [segmentations[n] for n in own], keep_states=keep_states
                ),
                strict=True,
            )
        )
        return [found[n] if n in found else found[k] for n, k in enumerate(same)]

    def states(
        self,
        documents: Sequence[Document],
        segmentations: Sequence[Segmentation],
        contents: Sequence[Sequence[Sequence[Span]]],
    ) -> list[Vectors]:
        """Return the encoder's mean states (n, H) over given contents, several spans each, of each document.

        As :meth:`attribute_with_states` does for those that it finds.
        """
        import torch

        encodings, cut = self._encode(documents, segmentations)
        pieces = self._room(encodings)
        cut = [window for window in cut if len(pieces[window[0]])]
        owner = _owners(encodings, cut)
        with torch.inference_mode():
            for batch, _, states in self._states(encodings, cut):
                _keep(states, batch, cut, owner, pieces)
        return [
            _mean_states(encoding, own, spans)
            for encoding, own, spans in zip(encodings, pieces, contents, strict=True)
        ]

    @property
    def state_size(self) -> int:
        """H, the size of a state."""
        return int(self.model.encoder.config.hidden_size)

    def _room(self, encodings: Sequence[Encoding], *, keep: bool = True) -> list[Pieces]:
        """Return arrays (n, H) for the states of each document's pieces, empty ones for those with too many."""
        return [
            np.zeros((n if keep and n <= MOST_PIECES else 0, self.state_size), dtype=np.float16)
            for n in map(len, encodings)
        ]

    def _encode(
        self, documents: Sequence[Document], segmentations: Sequence[Segmentation]
    ) -> tuple[list[Encoding], list[Window]]:
        """Return each document's word pieces, and the windows that they are read in."""
        encodings = [
            encode(document.text, segmentation.quotations, self.tokenizer)
            for document, segmentation in zip(documents, segmentations, strict=True)
        ]
        config = self.model.config
        return encodings, [
            (number, first, end)
            for number, (encoding, segmentation) in enumerate(zip(encodings, segmentations, strict=True))
            for first, end in windows(encoding, segmentation.sentences, config.window, config.overlap)
        ]

    def _attribute(
        self, documents: Sequence[Document], segmentations: Sequence[Segmentation], *, keep_states: bool
    ) -> list[tuple[tuple[Attribution, ...], Vectors]]:
        encodings, cut = self._encode(documents, segmentations)
        pieces = self._room(encodings, keep=keep_states)
        tables: list[list[Table]] = [[] for _ in documents]
        for number, table in self._run(encodings, cut, pieces):
            tables[number].append(table)
        result = []
        for document, segmentation, encoding, own, found in zip(
            documents, segmentations, encodings, pieces, tables, strict=True
        ):
            attributions = decode(
                document.text, segmentation, encoding, found, tidy=self.convention == "news"
            )
            contents = [attribution.content for attribution in attributions]
            result.append((attributions, _mean_states(encoding, own, contents)))
        return result

    def _states(
        self, encodings: Sequence[Encoding], cut: Sequence[Window]
    ) -> Iterator[tuple[list[int], Tensor, Tensor]]:
        """Yield batches of windows, as indices into ``cut``, with their mask (B, T) and states (B, T, H)."""
        from claimcheck.attribution.model import stack_windows

        for batch in length_batches([end - first for _, first, end in cut], self.tokens_per_batch):
            chosen = [cut[i] for i in batch]
            ids, mask, features = (
                tensor.to(self.device)
                for tensor in stack_windows(
                    [(encodings[number], first, end) for number, first, end in chosen],
                    [self._mark] * len(chosen),
                    self._vocabulary,
                )
            )
            yield batch, mask, self.model.encode(ids, mask, features)

    def _run(
        self, encodings: Sequence[Encoding], cut: Sequence[Window], pieces: Sequence[Pieces]
    ) -> Iterable[tuple[int, Table]]:
        """Yield (document number, table) for each anchor, from the window in which it stands most centrally.

        The states of ``pieces`` (n, H) are written on the way, where there is room for them.
        """
        import torch

        from claimcheck.attribution.model import OFFSET

        owner = _owners(encodings, cut)
        found: dict[tuple[int, int], Table] = {}
        rest: dict[tuple[int, int], list[tuple[int, npt.NDArray[np.float32]]]] = {}
        lengths = [end - first for _, first, end in cut]
        with torch.inference_mode():
            for batch, mask, states in self._states(encodings, cut):
                _keep(states, batch, cut, owner, pieces)
                scores = self.model.anchors(states).float().softmax(-1)
                inside = torch.zeros_like(mask, dtype=torch.bool)
                for k, i in enumerate(batch):
                    inside[k, OFFSET : OFFSET + lengths[i]] = True
                score = 1 - scores[..., 0]
                row, position = torch.nonzero((score >= self.threshold) & inside, as_tuple=True)
                if not len(row):
                    continue
                roles = self.model.roles(states, mask, row, position).float().log_softmax(-1).cpu().numpy()
                points = score[row, position].tolist()
                for r, p, logits, point in zip(row.tolist(), position.tolist(), roles, points, strict=True):
                    number, first, end = cut[batch[r]]
                    anchor = first + p - OFFSET
                    piece_scores = logits[OFFSET : OFFSET + end - first]
                    if owner[number][anchor] == batch[r]:
                        found[number, anchor] = Table(anchor, point, first, piece_scores)
                    else:
                        rest.setdefault((number, anchor), []).append((first, piece_scores))
        for (number, anchor), table in found.items():
            for first, piece_scores in rest.get((number, anchor), []):
                table = _extend(table, first, piece_scores)
            yield number, table


def _keep(
    states: Tensor,
    batch: Sequence[int],
    cut: Sequence[Window],
    owner: Sequence[npt.NDArray[np.int64]],
    pieces: Sequence[Pieces],
) -> None:
    """Write the states (B, T, H) of a batch of windows into ``pieces``: of each piece those of the window that owns it."""
    from claimcheck.attribution.model import OFFSET

    for row, i in zip(states, batch, strict=True):
        number, first, end = cut[i]
        if len(pieces[number]):
            central = np.flatnonzero(owner[number][first:end] == i)
            pieces[number][first + central] = row.float().cpu().numpy()[OFFSET + central]


def _mean_states(encoding: Encoding, pieces: Pieces, contents: Sequence[Sequence[Span]]) -> Vectors:
    """Return the mean (n, H) of the states of the pieces that each of several contents covers."""
    means = np.zeros((len(contents), pieces.shape[1]), dtype=np.float32)
    for row, spans in enumerate(contents if len(pieces) else ()):
        chosen = np.unique(np.concatenate([np.arange(*span_pieces(encoding, span)) for span in spans]))
        if len(chosen):
            means[row] = pieces[chosen].astype(np.float32).mean(axis=0)
    return means


def _owners(encodings: Sequence[Encoding], cut: Sequence[Window]) -> list[npt.NDArray[np.int64]]:
    """Return, for each piece of each document, the window (index into ``cut``) whose edges are farthest from it."""
    owners = [np.full(len(encoding), -1, dtype=np.int64) for encoding in encodings]
    margins = [np.full(len(encoding), -1, dtype=np.int64) for encoding in encodings]
    for index, (number, first, end) in enumerate(cut):
        at = np.arange(first, end)
        n = len(encodings[number])
        left = at - first if first else np.full(end - first, n)
        right = end - 1 - at if end < n else np.full(end - first, n)
        margin = np.minimum(left, right)
        better = margin > margins[number][first:end]
        owners[number][first:end][better] = index
        margins[number][first:end][better] = margin[better]
    return owners


def _extend(table: Table, first: int, scores: npt.NDArray[np.float32]) -> Table:
    """Add the rows that another window of the same anchor has beyond the table's own."""
    before = scores[: max(0, table.first - first)]
    after = scores[max(0, table.first + len(table.scores) - first) :]
    return replace(
        table, first=table.first - len(before), scores=np.concatenate([before, table.scores, after])
    )
