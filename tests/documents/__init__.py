"""Reading the project's pages as their readers do: what tests/test_docs.py looks for, and where."""
