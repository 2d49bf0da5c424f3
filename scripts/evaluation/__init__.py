"""`tracing evaluate`: the desk on which an encoder is measured with labelled photos."""
