"""Tables and their queries, one file per aggregate."""
