"""Whole stories, from the first photo to the last step."""
