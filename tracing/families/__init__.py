"""What families report and informants see by the pages for everybody, until people of a station have dealt with it."""
