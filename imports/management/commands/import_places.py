from imports.command import ImportCommand


class Command(ImportCommand):
    kind = "places"
    help = "Loads the address book from Excel or GeoJSON. Shows the difference, or every problem, first; loads all or nothing."
