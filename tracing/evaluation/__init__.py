"""How well templates find people again: pure functions over templates and scores, with the definitions of ISO/IEC 19795-1 and
NIST FRTE 1:N."""
