"""The tree of errors is the one that its docstring draws."""

from __future__ import annotations

import inspect
import re

import pytest

from tracing import errors
from tracing.errors import Invalid, PhotoTooLarge, TracingError, UnreadablePhoto


def drawn_tree() -> dict[str, str | None]:
    """name -> the name one step to the left above it, from the docstring."""
    parents: dict[str, str | None] = {}
    path: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^    ((?:\|   |    |\+-- )*)([A-Z][A-Za-z]+)(?:\s|$)", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        path = [(at, above) for at, above in path if at < depth]
        parents[name] = path[-1][1] if path else None
        path.append((depth, name))
    return parents


def test_the_docstring_draws_every_error_where_it_stands() -> None:
    classes = {name: each for name, each in vars(errors).items() if inspect.isclass(each) and issubclass(each, TracingError)}
    real = {name: None if each is TracingError else each.__base__.__name__ for name, each in classes.items()}
    assert drawn_tree() == real
    assert len(real) > 10


def test_only_the_root_is_an_ordinary_exception() -> None:
    assert TracingError.__base__ is Exception


def test_an_invalid_value_names_its_field() -> None:
    refused = Invalid("The lower age is above the upper age.", "age_min")
    assert (str(refused), refused.field) == ("The lower age is above the upper age.", "age_min")
    assert Invalid("two values contradict each other").field == ""


@pytest.mark.parametrize("kind", [UnreadablePhoto, PhotoTooLarge])
def test_an_unreadable_photo_says_what_to_do_and_names_the_problem_for_the_pages(kind: type[UnreadablePhoto]) -> None:
    refused = kind("Send the photo once more.", "truncated")
    assert (str(refused), refused.problem) == ("Send the photo once more.", "truncated")


def test_an_unreadable_photo_survives_the_way_from_another_process() -> None:
    import pickle

    there = pickle.loads(pickle.dumps(PhotoTooLarge("Too large.", "pixels")))  # noqa: S301 - our own bytes
    assert (type(there), str(there), there.problem) == (PhotoTooLarge, "Too large.", "pixels")


def test_the_errors_know_nothing_of_the_web() -> None:
    source = inspect.getsource(errors)
    assert not re.search(r"\b[45]\d\d\b|status", source)
