"""Trained classifiers of prompts and answers: texts to features, features to probabilities, a layer of the guard."""
