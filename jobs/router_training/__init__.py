"""The parts of the job `train-router`: its data, the training, the report."""
