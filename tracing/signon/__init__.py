"""Sign-in by a provider, such as a government's: asking it who somebody is, and which account is theirs."""
