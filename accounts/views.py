"""Log in, log out, password, language, and the demo's one-click log-in."""
