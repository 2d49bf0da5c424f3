"""One tap calls the station, and nobody else."""

from __future__ import annotations

import pytest

from api.public.calling import number_in


@pytest.mark.parametrize(
    ("contact", "number"),
    [
        ("0551-6299 8000", "055162998000"),
        ("（0551）62998000", "055162998000"),
        ("(010) 6299-8000 转 8012", "01062998000"),
        ("工作日 8:00-17:30 0551-62998000", "055162998000"),
        ("2026-11-27 起请打 138 0013 8000", "13800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("0551—62998000，13800138000", "055162998000"),
        ("400-123-4567", "4001234567"),
        ("+44 20 7946 0018", "+442079460018"),
        ("6299 8000", "62998000"),
        ("合肥市包河区太湖路 100 号", ""),
        ("到站里来，8:00-17:30", ""),
        ("2026-11-27", ""),
    ],
)
def test_the_first_number_is_called_whatever_stands_beside_it(contact: str, number: str) -> None:
    assert number_in(contact) == number
