"""Articles of a Ray dataset, checked by a pool of actors on one machine or many; needs the extra ``ray``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from claimcheck.batch import CheckerLike, ReportLike, check_apart
from claimcheck.errors import InputError
from claimcheck.extras import require
from claimcheck.parties import check_parties
from claimcheck.readers import Row, read_row

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

ADDED = ("report", "error")


def check(
    dataset: Dataset,
    *,
    checker: CheckerLike | Callable[[], CheckerLike] | None = None,
    parties: Mapping[str, Sequence[str]] | None = None,
    text_column: str = "text",
    id_column: str | None = None,
    concurrency: int | tuple[int, int] | None = None,
    num_cpus: float = 1,
    num_gpus: float = 0,
    batch_size: int = 64,
) -> Dataset:
    """Return the dataset with the columns ``report``, JSON, and ``error``; one of them is null in each row.

    It is lazy, as Ray's datasets are. Each actor loads the checker once. Rows whose actor or node dies are checked
    again by another; a row that cannot be checked has an error, and the rest goes on. Ray keeps the order of rows only
    if ``DataContext.execution_options.preserve_order`` is set.

    Parameters
    ----------
    checker
        A checker that pickles, or a function that loads one; default: :func:`claimcheck.load`.
    parties
        Party names and who belongs to them, as for ``Checker.check``.
    text_column, id_column
        Columns to read. Without ``id_column``, or where it is null, the id is made of a hash of the text.
    concurrency
        Actors: a number, or the least and the most of a pool that grows with the work; default: from 1 to as many as
        there is room for.
    num_cpus, num_gpus
        What an actor takes; it runs as many threads as it has cores.
    batch_size
        Articles that go through the models together.

    Raises
    ------
    InputError
        If ``concurrency`` or ``batch_size`` is not positive, ``parties`` cannot be used, or the dataset has a column of
        a name that is added.
    ImportError
        If Ray is not installed.

    Examples
    --------
    >>> import ray.data  # doctest: +SKIP
    >>> articles = ray.data.read_parquet("articles.parquet")  # doctest: +SKIP
    >>> check(articles, id_column="url").write_parquet("reports")  # doctest: +SKIP
    """
    data = require("ray.data", "ray")
    least, most = concurrency if isinstance(concurrency, tuple) else (concurrency or 1, concurrency)
    if least < 1 or (most is not None and most < least) or concurrency == 0:
        raise InputError(
            f"concurrency is {concurrency!r}, expected a number from 1 on, or the least and the most"
        )
    if batch_size < 1:
        raise InputError(f"batch_size is {batch_size}, expected at least 1")
    check_parties(parties)
    arguments = (checker, parties, text_column, id_column, batch_size, max(1, int(num_cpus)))
    checked: Dataset = dataset.map_batches(
        RowChecker,
        fn_constructor_args=arguments,
        batch_format="pyarrow",
        batch_size=batch_size,
        compute=data.ActorPoolStrategy(min_size=least, max_size=most),
        num_cpus=num_cpus,
        num_gpus=num_gpus,
    )
    return checked


class RowChecker:
    """What an actor runs: it loads a checker once, and adds a report or an error to each row of a table."""

    def __init__(
        self,
        checker: CheckerLike | Callable[[], CheckerLike] | None,
        parties: Mapping[str, Sequence[str]] | None,
        text_column: str,
        id_column: str | None,
        batch_size: int,
        threads: int,
    ) -> None:
        for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
            os.environ[name] = str(threads)
        if checker is None:
            from claimcheck.pipeline import load

            checker = load()
        elif not hasattr(checker, "pipe") or isinstance(checker, type):
            checker = checker()
        self.checker: CheckerLike = checker
        self.options: dict[str, Any] = {"batch_size": batch_size}
        if parties is not None:
            self.options["parties"] = parties
        self.text_column, self.id_column = text_column, id_column

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return the table with the columns ``report`` and ``error``.

        Raises
        ------
        InputError
            If a column is missing, or one of a name that is added is there.
        """
        import pyarrow as pa

        for column in (self.text_column, self.id_column):
            if column is not None and column not in table.column_names:
                raise InputError(f"no column {column!r} among {', '.join(map(repr, table.column_names))}")
        for column in ADDED:
            if column in table.column_names:
                raise InputError(f"the dataset has a column {column!r} already: rename it")
        rows = self._rows(table)
        good = [row for row in rows if row.error is None]
        checked = check_apart(self.checker, good, _to_json, self.options)
        results = [next(checked) if row.error is None else InputError(row.error) for row in rows]
        reports = [None if isinstance(result, Exception) else result for result in results]
        errors = [
            f"{type(result).__name__}: {result}" if isinstance(result, Exception) else None
            for result in results
        ]
        for name, values in zip(ADDED, (reports, errors), strict=True):
            table = table.append_column(name, pa.array(values, pa.string()))
        return table

    def _rows(self, table: pa.Table) -> list[Row]:
        from claimcheck.pipeline import make_document

        texts = table.column(self.text_column).to_pylist()
        ids = [None] * len(texts) if self.id_column is None else table.column(self.id_column).to_pylist()
        rows = []
        for n, (text, key) in enumerate(zip(texts, ids, strict=True)):
            if key is None and isinstance(text, str):
                try:
                    key = make_document(text).id
                except InputError as error:
                    rows.append(Row(n, n, None, "", str(error)))
                    continue
            elif self.id_column is None:
                key = str(n)  # so that it is the text that is refused, and not a missing id
            columns = {"text": self.text_column, "id": self.id_column or "id"}
            value = {columns["text"]: text, columns["id"]: key}
            rows.append(Row(n, n, *read_row(value, text_column=columns["text"], id_column=columns["id"])))
        return rows


def _to_json(row: Row, report: ReportLike) -> str:
    return json.dumps(report.to_dict(), ensure_ascii=False, allow_nan=False)
