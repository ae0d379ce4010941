"""The parts of the job `train-translations`: its parallel questions, and how word pairs are learned from them."""
