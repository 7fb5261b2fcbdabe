"""What people have learnt: courses, competences, certificates."""
