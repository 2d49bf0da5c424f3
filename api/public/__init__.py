"""Pages for everybody: published notices and nothing else, as a process of their own, without cookies or scripts."""
