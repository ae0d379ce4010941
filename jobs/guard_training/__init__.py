"""The parts of the job `train-guard`: its data, near-duplicates, the training, the figures."""
