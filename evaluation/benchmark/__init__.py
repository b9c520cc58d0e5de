"""`make benchmark-nlu`: our pipeline parts against stock Rasa on public data, same machine, same run."""
