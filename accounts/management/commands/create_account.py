from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import create_account
from accounts.actions import SeparatedPostsError, WrongPostError, appoint
from accounts.models import Organization
from grids.models import District


class Command(BaseCommand):
    help = "Creates a person in a post and prints the first password: so the first administrators come about."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--district", required=True, help="the district's code")
        parser.add_argument("--role", required=True, help="for example system_admin")
        parser.add_argument(
            "--organization", default="ZHZX", help="its code; the district centre without one"
        )

    @transaction.atomic
    def handle(self, *, username, name, district, role, organization, **options):
        try:
            place = District.objects.get(pk=district)
            unit = Organization.objects.get(district=place, code=organization)
            person, password = create_account(username=username, display_name=name, district=place, by=None)
            appoint(user=person, role=role, organization=unit, at=timezone.now())
        except IntegrityError as error:
            raise CommandError(f"{username} is a user name in use already") from error
        except (
            District.DoesNotExist,
            Organization.DoesNotExist,
            WrongPostError,
            SeparatedPostsError,
        ) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{username} logs in with {password} and changes it at once.")
