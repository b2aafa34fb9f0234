"""Ways to run claimcheck inside other systems; each needs the extra of its name."""
