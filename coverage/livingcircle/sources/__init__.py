"""From files to records: every format, encoding and coordinate system ends here, and so does every outside id."""
