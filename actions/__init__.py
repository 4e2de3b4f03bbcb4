"""Rasa's custom actions: thin, each a few lines over `amends.conversation`."""
