"""The product's settings, on servers of the test run's own."""

from tests.servers import start_test_servers

start_test_servers()

from cdp.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
