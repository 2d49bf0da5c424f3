"""Reports of families and sightings, as the use cases of stations meet them."""
