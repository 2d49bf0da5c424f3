"""Pixels to vectors: images, detectors, encoders, weights."""
