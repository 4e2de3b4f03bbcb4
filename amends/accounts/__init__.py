"""The register of official accounts: who answers for each, who holds its keys, and whether that still holds."""
