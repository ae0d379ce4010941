"""What a model says is shown only where the facts of the turn bear it out."""

from chains.claims.check import Failure, amounts_in, failure_of
from chains.claims.evidence import Amount, Evidence, evidence_of

__all__ = ["Amount", "Evidence", "Failure", "amounts_in", "evidence_of", "failure_of"]
