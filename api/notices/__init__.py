"""A tracing notice as people read it, alike for staff who preview it and for everybody who finds it: words, picture, poster."""
