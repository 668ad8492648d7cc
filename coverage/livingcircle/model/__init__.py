"""The frozen records that flow through the house: columns of read-only arrays, one projected CRS in metres inside."""
