"""What is done with firms, links and sheets. Every service takes a session and never commits."""
