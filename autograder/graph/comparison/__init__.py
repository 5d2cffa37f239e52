"""What sets two canonical graphs apart: a matching, its findings, and the sentences for them."""
