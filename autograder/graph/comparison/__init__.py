"""What sets two canonical graphs apart: matching, findings, and the sentences that say them."""
