"""What a harness raises that has found a loss."""

from __future__ import annotations


class Lost(AssertionError):
    """Something that was acknowledged is not there, or something is half there."""
