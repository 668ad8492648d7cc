"""The annual report: one document as data, set as Word, PDF and page."""
