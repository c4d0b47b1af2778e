from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "departments"
    help = "Loads the departments, and the organisations that follow from them, from Excel. Shows the difference, or every problem, first; loads all or nothing."
