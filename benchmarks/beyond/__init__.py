"""What each task of lecture 6 is measured by; `beyond_table.py` puts them on one page."""
