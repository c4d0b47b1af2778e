"""The columns of a file of areas: our names, what else they are called, and the heading a reader sees."""

from django.utils.translation import get_language

COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("代码", "编码", "区划代码", "统计代码", "网格编码", "网格代码", "区域代码", "area_code"),
    "level": ("层级", "级别"),
    "name_zh": ("名称", "中文名称", "区域名称", "网格名称", "街道名称", "社区名称", "name"),
    "name_en": ("英文名称", "英文"),
    "valid_from": ("启用日期", "生效日期"),
    "valid_to": ("停用日期", "失效日期"),
    "predecessors": ("原代码", "前身代码", "predecesso"),
    "longitude": ("经度", "lon", "lng"),
    "latitude": ("纬度", "lat"),
    "wkt": ("边界", "边界WKT", "geometry"),
    "source": ("来源",),
    "synthetic": ("虚构",),
}
"""Our columns and what else they are called; a Shapefile cuts names at ten characters."""


def heading(column: str) -> str:
    """What a column is called in the reader's language; both are read."""
    return column if (get_language() or "").startswith("en") else COLUMNS[column][0]
