"""Backup and restore of everything a running product keeps: `take.take` makes one, `restore.restore` puts one back."""
