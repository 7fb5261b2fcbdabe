"""How people practise: notebooks on simulated plants, and their grades."""
