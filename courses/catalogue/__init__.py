"""The courses: their files in the folders beside this one, and what reads them."""
