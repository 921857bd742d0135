"""Documents that are read in the background: submitted, kept on disk, asked for later.

A job's document and its records lie in a SQLite file, so that they outlive the server; the next
one goes on after the last page that was written.
"""
