"""No test reaches a network (L5): every Python process is denied it, and the real server works where there is none."""
