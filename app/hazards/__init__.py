"""The ticket and its life: lifecycle table, submission, triage, rectification, closure."""
