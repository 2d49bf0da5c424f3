"""The machines that a backfill is spread over: opens them for an encoder, and makes on each what it needs there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tracing.config import Settings
from tracing.embeddings import catalog, cluster, manifest
from tracing.embeddings.workplace import Standard, Workplace, standard_of
from tracing.ports import BatchEncoder, Examiner


@dataclass(frozen=True, slots=True)
class Models:
    """Makes a workplace: with the model files of ``folders``, or, where there are none, of the machine's own settings."""

    max_bytes: int
    max_pixels: int
    folders: tuple[Path, ...] = ()

    def __call__(self) -> Workplace:
        folders = self.folders or Settings().model_folders
        examiner = catalog.make_examiner(
            manifest.known_encoders(), folders, max_bytes=self.max_bytes, max_pixels=self.max_pixels
        )
        return Workplace(examiner, partial(catalog.fingerprint, folders=folders))


@contextmanager
def machines(
    settings: Settings, examiner: Examiner, encoder_id: str, address: str = "", unencrypted: bool = False
) -> Iterator[BatchEncoder]:
    """The workers of the Dask scheduler at the address; without one as many processes here as ``encoder_processes`` says.

    ``examiner`` is this machine's, which every worker has to agree with. Raises ``Misconfigured`` and ``EncoderUnavailable``
    like ``embeddings.cluster``.
    """
    cluster.require(address, unencrypted)
    folders = tuple(folder.absolute() for folder in settings.model_folders)
    limits = settings.max_photo_mib << 20, settings.max_photo_megapixels * 1_000_000
    standard = _standard(examiner, folders, encoder_id)
    opened = (
        cluster.at(address, Models(*limits), standard)
        if address
        else cluster.on_this_machine(Models(*limits, folders), standard, settings.encoder_processes)
    )
    with opened as encoder:
        yield encoder


def _standard(examiner: Examiner, folders: tuple[Path, ...], encoder_id: str) -> Standard:
    return standard_of(Workplace(examiner, partial(catalog.fingerprint, folders=folders)), encoder_id)
