"""Dialogs that fill in a form, a question at a time: a test drive, a call-back, a brochure by mail."""
