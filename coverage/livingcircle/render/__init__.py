"""From records to what people open: maps, tables, pages; every word, colour and file format of the output lives here."""
