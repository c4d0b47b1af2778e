from django.urls import path, register_converter
from django.urls.converters import StringConverter

from desks.views import area_imports, areas, places


class CodeConverter(StringConverter):
    regex = "[0-9]{6,20}"


class PlaceConverter(StringConverter):
    regex = "[A-Za-z0-9._-]{1,40}"


register_converter(CodeConverter, "area")
register_converter(PlaceConverter, "place")

app_name = "areas"

urlpatterns = [
    path("", areas.areas, name="areas"),
    path("imports/", area_imports.imports, name="imports"),
    path("imports/template.xlsx", area_imports.template, name="template"),
    path("imports/<int:import_id>/", area_imports.area_import, name="import"),
    path("imports/<int:import_id>/map.json", area_imports.import_map, name="import_map"),
    path("imports/<int:import_id>/<slug:act>/", area_imports.import_act, name="import_act"),
    path("places/", places.places, name="places"),
    path("places/<place:code>/", places.place, name="place"),
    path("places/<place:code>/change/", places.change, name="change_place"),
    path("places/<place:code>/retire/", places.retire, name="retire_place"),
    path("new-place/", places.change, name="new_place"),
    path("place-labels/", places.labels, name="place_labels"),
    path("place-map.json", places.places_map, name="places_map"),
    path("<area:code>/", areas.areas, name="area"),
    path("<area:code>/map.json", areas.area_map, name="map"),
    path("<area:code>/boundary.geojson", areas.boundary, name="boundary"),
]
