"""Takes tracking events in over HTTP: a small ASGI application that answers after the commit."""
