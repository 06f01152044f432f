"""Ways out that somebody set up, who mails come from, and what providers tell of them."""
