"""Messages to staff that something waits for them: a number and the address of a page, never a word about anybody."""
