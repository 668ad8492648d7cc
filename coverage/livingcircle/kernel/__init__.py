"""Arrays in, arrays out: the walking network, reach, coverage, areas and siting. No files, columns, settings, languages or maps."""
