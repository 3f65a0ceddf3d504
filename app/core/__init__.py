"""What every capability stands on: database, clock, errors, events. Knows no business word."""
