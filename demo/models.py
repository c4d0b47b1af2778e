"""Which histories have been told here, so that the same command goes on instead of beginning anew."""

from django.db import models


class ToldRun(models.Model):
    """A run of the simulation, by its name (``demo.simulation.Run``), and the instant it has come to."""

    name = models.CharField(max_length=100, primary_key=True)
    until = models.DateTimeField()
