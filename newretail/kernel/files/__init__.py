"""Files that come in: read by a limited child process, handed on column by column."""
