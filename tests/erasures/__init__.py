"""A person with everything that the system can hold of anybody, erased, and looked for: `python -m tests.erasures`."""
