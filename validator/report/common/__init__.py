"""What several report formats share: words, the digest, sheets, templates."""
