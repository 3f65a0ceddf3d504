"""Who should hear of what happens, what they are told, and how it reaches them."""
