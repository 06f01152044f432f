"""What becomes of our mails: opens, clicks, bounces, complaints, and who did it, a person or a machine."""
