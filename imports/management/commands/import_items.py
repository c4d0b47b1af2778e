from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "items"
    help = "Loads the items of the checklist from Excel, as versions from a day on. Shows the difference, or every problem, first; loads all or nothing."
