from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "rules"
    help = "Loads the rules of responsibility from Excel. Shows the difference, or every problem, first; loads all or nothing."
