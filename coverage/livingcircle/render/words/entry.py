"""What a subject holds: a key with its Chinese and English words."""

Entry = tuple[str, str, str]
