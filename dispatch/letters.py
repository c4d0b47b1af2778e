"""The number of a supervision letter (督办单): year and serial of the district, made by the database.

The counter's row is locked until the supervision commits: two at once get two numbers, one that is rolled
back leaves no gap, and none is given twice. The year is that of Asia/Shanghai.
"""

from datetime import datetime

from django.db import connection
from django.utils import timezone

from dispatch.models import Ask, Letter

COUNT = """
    INSERT INTO dispatch_lettercount (tenant, year, last) VALUES (%s, %s, 1)
    ON CONFLICT (tenant, year) DO UPDATE SET last = dispatch_lettercount.last + 1 RETURNING last
"""


def write_letter(ask: Ask, *, answer_by: datetime) -> Letter:
    """The letter of a supervision just asked. Two statements."""
    year = timezone.localtime(ask.asked_at).year
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [ask.tenant, year])
        serial = cursor.fetchone()[0]
    return Letter.objects.create(tenant=ask.tenant, ask=ask, year=year, serial=serial, answer_by=answer_by)
