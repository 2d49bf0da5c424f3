"""PFIF 1.4, the People Finder Interchange Format: reading 1.1 to 1.4, writing 1.4, as plain XML and as an Atom feed."""
