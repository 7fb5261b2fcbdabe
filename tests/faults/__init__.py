"""Faults, counted: processes killed at random points of rollouts, a bad line, an old backup."""
