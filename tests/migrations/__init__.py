"""Tests of the steps that made the tables."""
