"""What is kept of people and why, how it is erased, held, let go of after its time, and given to whom it is about."""
