"""Backups while the service runs, and bringing one back onto an empty machine.

    DIR/photos/ab/cd/KEY.SEAL       each photo as it is sealed, once for all backups of the folder
    DIR/backups/ID/                 one moment: the database, the list of photos, the data keys, a manifest with digests
    DIR/erased.jsonl                who was erased since, so that nobody comes back with a backup

The master key is never in there; whoever asks for it gets it in a folder elsewhere.
"""
