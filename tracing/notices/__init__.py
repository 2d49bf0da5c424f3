"""Tracing notices: drafted, approved by another person, published, and gone as soon as they may not stand any more."""
