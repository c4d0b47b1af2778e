from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "people"
    help = "Loads people and their posts from Excel. Shows the difference, or every problem, first; loads all or nothing."
