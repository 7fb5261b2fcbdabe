"""What suppliers are given: models, versions, rollouts, and the agent that runs them on site."""
