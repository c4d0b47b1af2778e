from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "categories"
    help = "Loads the categories of the checklist from Excel. Shows the difference, or every problem, first; loads all or nothing."
