"""Which implementation of a network makes the templates, and when it is trusted."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest

from tracing.domain import Pixels, Vector
from tracing.embeddings.agreement import Agreement
from tracing.embeddings.conversion import drawn_chips
from tracing.embeddings.dlib_models import RESNET, model_file
from tracing.embeddings.kept_models import KeptModel
from tracing.embeddings.networks import MOST_DIFFERENCE, CheckedNetwork, DlibNetwork, Network, OnnxNetwork, largest_difference
from tracing.embeddings.weights import digest_of
from tracing.errors import EncoderUnavailable

CHIPS = np.arange(5 * 4 * 4 * 3, dtype=np.uint8).reshape(5, 4, 4, 3)


class Summing:
    """Gives each chip's mean, and notes how many chips it was asked about."""

    def __init__(self, off: float = 0.0, failure: Exception | None = None) -> None:
        self.off = off
        self.failure = failure
        self.asked: list[int] = []

    def describe(self, chips: Pixels) -> Vector:
        self.asked.append(len(chips))
        if self.failure is not None:
            raise self.failure
        return np.stack([np.full(3, chip.mean() + self.off, dtype=np.float32) for chip in chips])

    def warm(self) -> None:
        if self.failure is not None:
            raise self.failure


def checked(fast: Network, reference: Network, agreement: Agreement | None = None) -> tuple[CheckedNetwork, list[Network]]:
    made: list[Network] = []

    def make() -> Network:
        made.append(reference)
        return reference

    return CheckedNetwork(fast, make, agreement or Agreement(missing, None)), made


def missing() -> KeptModel:
    raise EncoderUnavailable("There is no converted model.")


def test_the_fast_one_is_used_once_its_first_chip_agreed() -> None:
    fast, reference = Summing(MOST_DIFFERENCE / 2), Summing()
    network, made = checked(fast, reference)
    assert np.array_equal(network.describe(CHIPS), fast.describe(CHIPS))
    network.describe(CHIPS)
    assert reference.asked == [1]
    assert len(made) == 1


@pytest.mark.parametrize("off", [MOST_DIFFERENCE * 2, float("nan"), float("inf")])
def test_one_that_disagrees_is_never_used(off: float, caplog: pytest.LogCaptureFixture) -> None:
    fast, reference = Summing(off), Summing()
    network, _ = checked(fast, reference)
    with caplog.at_level(logging.WARNING):
        assert np.array_equal(network.describe(CHIPS), reference.describe(CHIPS))
    network.describe(CHIPS)
    assert fast.asked == [1]
    assert "differs from it" in caplog.text


def test_an_agreement_is_kept_for_the_next_process_and_a_disagreement_is_not(tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_bytes(b"a network")
    agreement = Agreement(lambda: KeptModel(model, digest_of(model)), tmp_path)
    checked(Summing(MOST_DIFFERENCE * 2), Summing(), agreement)[0].describe(CHIPS)
    assert not agreement.is_known()
    checked(Summing(), Summing(), agreement)[0].describe(CHIPS)
    assert agreement.is_known()
    network, made = checked(Summing(), Summing(), agreement)
    network.describe(CHIPS)
    assert made == []


def test_where_the_fast_one_cannot_be_had_the_reference_serves_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    fast, reference = Summing(failure=EncoderUnavailable("ONNX Runtime is not installed.")), Summing()
    network, _ = checked(fast, reference)
    with caplog.at_level(logging.WARNING):
        network.warm()
        assert len(network.describe(CHIPS)) == 5
    assert caplog.text.count("ONNX Runtime is not installed.") == 2


def test_another_failure_of_the_fast_one_is_not_hidden() -> None:
    network, _ = checked(Summing(failure=ZeroDivisionError()), Summing())
    with pytest.raises(ZeroDivisionError):
        network.describe(CHIPS)


def test_warming_checks_nothing_and_leaves_that_to_a_real_chip() -> None:
    fast, reference = Summing(), Summing()
    network, made = checked(fast, reference)
    network.warm()
    assert (fast.asked, reference.asked, made) == ([], [], [])


@pytest.mark.parametrize(
    ("some", "others", "difference"),
    [
        ([[1, 2]], [[1, 2.5]], 0.5),
        ([[1, 2]], [[1, 2], [1, 2]], np.inf),
        ([[1, np.nan]], [[1, 2]], np.inf),
        ([[np.inf, 1]], [[np.inf, 1]], np.inf),
        (np.zeros((0, 3)), np.zeros((0, 3)), 0),
    ],
)
def test_the_largest_difference_is_infinite_where_nothing_can_be_compared(
    some: object, others: object, difference: float
) -> None:
    assert largest_difference(np.array(some, dtype=np.float32), np.array(others, dtype=np.float32)) == difference


def test_dlib_itself_describes_any_number_of_chips() -> None:
    network = DlibNetwork(lambda: model_file(RESNET))
    chips = drawn_chips()[:2]
    both = network.describe(chips)
    assert both.shape == (2, 128)
    assert np.array_equal(network.describe(chips[1:]), both[1:])


def test_a_model_with_one_row_at_a_time_still_takes_many_chips(weights: Path) -> None:
    network = OnnxNetwork(lambda: weights / "mobilefacenet_128d.onnx", 127.5, 128.0)
    chips = np.ascontiguousarray(drawn_chips()[:5, :112, :112])
    together = network.describe(chips)
    assert together.shape == (5, 128)
    assert np.array_equal(network.describe(chips[3:4]), together[3:4])


def test_each_channel_is_brought_to_its_own_mean_and_scale(weights: Path) -> None:
    plain, own = (OnnxNetwork(lambda: weights / "mobilefacenet_128d.onnx", *each) for each in ((), ((7, 5, 0), (2, 4, 1))))
    small = np.ascontiguousarray(drawn_chips()[:2, :112, :112] // 8)
    large = small * np.uint8([2, 4, 1]) + np.uint8([7, 5, 0])
    assert np.array_equal(own.describe(large), plain.describe(small))
    assert not np.array_equal(own.describe(large[..., ::-1]), plain.describe(small))
