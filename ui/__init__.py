"""Doors: what people and programs touch. No rule about cars or people is decided here."""
