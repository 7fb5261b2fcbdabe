"""The invented value chain that a newcomer starts with: firms, people, a model."""
