"""Builds the labs, collects what students hand in, and grades it: nbgrader, made trustworthy."""

from course_utils import __version__ as __version__
