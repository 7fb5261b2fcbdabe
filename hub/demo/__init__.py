"""The main job without a browser, with every real part: for a first look, and for every release."""
