"""The kinds of places a district begins with; more are added as rows."""

from django.db import migrations

KINDS = [
    ("estate", "小区", "Estate", "building-community"),
    ("building", "楼栋", "Building", "building"),
    ("village", "村庄", "Village", "home"),
    ("school", "学校", "School", "school"),
    ("hospital", "医院", "Hospital", "building-hospital"),
    ("shop", "商户", "Shop", "building-store"),
    ("market", "市场", "Market", "basket"),
    ("mall", "商场", "Shopping centre", "shopping-bag"),
    ("enterprise", "单位", "Enterprise", "building-skyscraper"),
    ("factory", "厂房", "Factory", "building-factory"),
    ("site", "工地", "Building site", "crane"),
    ("office", "机关", "Public office", "building-bank"),
    ("park", "公园", "Park", "trees"),
    ("square", "广场", "Square", "square"),
    ("crossing", "路口", "Crossing", "arrows-cross"),
    ("bridge", "桥梁", "Bridge", "building-bridge"),
    ("bus_stop", "公交站", "Bus stop", "bus-stop"),
    ("metro", "地铁站", "Metro station", "train"),
    ("parking", "停车场", "Car park", "parking"),
    ("river", "河道", "River", "ripple"),
    ("worship", "宗教场所", "Place of worship", "building-church"),
    ("other", "其他", "Other", "map-pin"),
]


def add_kinds(apps, schema_editor):
    kind = apps.get_model("grids", "PlaceKind")
    for position, (code, name_zh, name_en, icon) in enumerate(KINDS, start=1):
        kind.objects.create(code=code, name_zh=name_zh, name_en=name_en, icon=icon, position=position * 10)


class Migration(migrations.Migration):
    dependencies = [("grids", "0004_address_book")]
    operations = [migrations.RunPython(add_kinds, migrations.RunPython.noop)]
