from django.core.management.base import BaseCommand
from tqdm import tqdm

from search.indexing import index_stale
from search.models import SearchDocument


class Command(BaseCommand):
    help = (
        "Makes the stale documents of the search anew, in batches; broken off, it goes on where it was. "
        "--all makes every one anew: after a new dictionary or a new SECRET_KEY."
    )

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="every document, not only the stale ones")

    def handle(self, *, all: bool, **options):
        if all:
            SearchDocument.objects.update(stale=True)
        with tqdm(total=SearchDocument.objects.filter(stale=True).count(), unit="events") as bar:
            while done := index_stale():
                bar.update(done)
