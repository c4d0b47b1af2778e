from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "organizations"
    help = "Loads organisations, one by one, from Excel. Shows the difference, or every problem, first; loads all or nothing."
