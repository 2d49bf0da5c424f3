"""Pages for everybody: published notices, and what families and informants send. A process of its own, without cookies."""
