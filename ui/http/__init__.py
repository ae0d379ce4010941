"""The HTTP door: what people's programs call. No rule about cars or people is decided here."""
