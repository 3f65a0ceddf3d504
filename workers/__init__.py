"""The processes behind the pages: they claim errands and do them, repeatably."""
