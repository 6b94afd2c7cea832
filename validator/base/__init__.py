"""What every package needs: errors, the language of messages, files, YAML and CSV, masking."""
