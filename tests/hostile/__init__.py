"""Bad input of every kind, against the real service: photos, programs, browsers, and readers that are fuzzed."""
