"""The examples of the API's description; docs/api.md and the tests send the same requests."""

from drf_spectacular.utils import OpenApiExample

EVENT_ID = "0193f0c2-5d1e-7a64-9b1f-2f6f7d0c8a11"
PHOTO = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
FILE_ID = "5f0c2a2e-0a0e-4f7e-8a53-0c1d8f0b6f52"

REPORT_BODY = {
    "id": EVENT_ID,
    "item": "30202",
    "description": "水果店把货摊摆到人行道上，行人只能走机动车道",
    "address": "凯旋路 135 号门前",
    "longitude": 120.2031,
    "latitude": 30.2687,
    "datum": "wgs84",
    "occurred_at": "2019-03-04T08:55:00+08:00",
    "photos": [{"kind": "before_photo", "sha256": PHOTO}],
}
CALL_BODY = {
    "id": "0193f0c3-91b2-7c0d-8e55-6a0b1f4d2c33",
    "item": "10501",
    "description": "居民来电：3 幢楼下消防通道被三轮车堵住",
    "area_code": "330104005001001",
    "source": "hotline",
    "reporter_name": "王女士",
    "reporter_phone": "0571-86020000",
}
EVENT_BODY = {
    "id": EVENT_ID,
    "number": "3301042019030400017",
    "url": f"/events/{EVENT_ID}/",
    "item": "30202",
    "item_name": "店外经营",
    "urgency": "normal",
    "level": "street",
    "state": "reported",
    "state_name": "待受理",
    "version": 1,
    "description": REPORT_BODY["description"],
    "address": REPORT_BODY["address"],
    "area_code": "330104005001001",
    "place": "第一网格",
    "longitude": 120.2031,
    "latitude": 30.2687,
    "flags": [],
    "source": "grid",
    "occurred_at": "2019-03-04T08:55:00+08:00",
    "recorded_at": "2019-03-04T09:00:02+08:00",
    "desk": "ZHZX@330104005",
    "holder": "ZHZX@330104005",
    "lead": None,
    "due": "2019-03-04T09:30:02+08:00",
    "whole_due": "2019-03-04T16:30:02+08:00",
    "filed_at": None,
    "closed_at": None,
    "self_closed": False,
    "self_close_pending": False,
    "return_count": 0,
    "rework_count": 0,
    "photos_missing": 0,
    "routing": [],
}
FILE_BODY = {
    "id": FILE_ID,
    "kind": "before_photo",
    "sha256": PHOTO,
    "received": True,
    "content_type": "image/jpeg",
    "size": 412_338,
    "width": 1600,
    "height": 1200,
    "taken_at": "2019-03-04T08:54:31+08:00",
    "url": f"/api/v1/evidence/{FILE_ID}/",
    "thumbnail": f"/api/v1/evidence/{FILE_ID}/thumbnail/",
}
MOVE_BODIES: dict[str, dict] = {
    "受理": {"verb": "accept", "version": 1, "data": {"note": "位置属实"}},
    "派单": {
        "verb": "dispatch",
        "version": 2,
        "request_id": "3d6f0a4e-7d53-4c0e-9c39-4b1f2d5a6e70",
        "data": {"lead": 812, "assistants": [809], "note": "请今天上午到场"},
    },
    "退单": {"verb": "return", "data": {"reason": "not_our_duty", "explanation": "属于城管职责"}},
    "反馈": {
        "verb": "feed_back",
        "data": {"result": "已劝导店家收回货摊，人行道恢复通行", "evidence": [FILE_ID]},
    },
    "核查通过": {"verb": "verify", "data": {"note": "到现场看过，人行道已畅通"}},
}


def _request(name: str, value: dict) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


def _response(name: str, value) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=["200", "201"])


REPORT, CALL = _request("店外经营", REPORT_BODY), _request("热线来电", CALL_BODY)
JOINING = _request(
    "已有人上报，算我一个",
    REPORT_BODY
    | {
        "id": "0193f0c6-2b3e-7c10-9a41-7d0e6f5a4b22",
        "same_as": EVENT_ID,
    },
)
MOVES = [_request(name, body) for name, body in MOVE_BODIES.items()]
BULK_MOVE = _request(
    "批量派单",
    {
        "verb": "dispatch",
        "request_id": "8c0b7f5e-1d3a-4a6e-b2f4-6e9a0c1d2e3f",
        "events": [{"event": EVENT_ID, "version": 2}, {"event": CALL_BODY["id"], "version": 2}],
        "data": {"note": "请今天上午到场"},
    },
)
BULK_MOVED = _response(
    "批量派单",
    {
        "done": 1,
        "results": [
            {
                "event": EVENT_ID,
                "outcome": "done",
                "code": "",
                "message": "",
                "state": "dispatched",
                "version": 3,
            },
            {
                "event": CALL_BODY["id"],
                "outcome": "refused",
                "code": "stale_version",
                "message": "页面打开期间，该事件已有变动。请看清变动后再决定。",
                "state": "dispatched",
                "version": 3,
            },
        ],
    },
)
EVENT = _response("事件", EVENT_BODY)
EVENTS = _response("事件", EVENT_BODY)
EVENT_DETAIL = _response(
    "事件",
    EVENT_BODY
    | {
        "allowed_actions": [
            {
                "verb": "accept",
                "label": "受理",
                "needs": [
                    {"name": "note", "label": "备注", "kind": "text", "required": False, "options": []}
                ],
            }
        ],
        "evidence": [FILE_BODY],
    },
)
STEP = _response(
    "受理",
    {
        "sequence": 3,
        "verb": "accept",
        "words": "已受理",
        "from_state": "reported",
        "to_state": "accepted",
        "at": "2019-03-04T09:12:00+08:00",
        "organization": "ZHZX@330104005",
        "params": {},
        "texts": {"note": "位置属实"},
        "previous_hash": PHOTO,
        "hash": PHOTO,
    },
)
TASKS = _response(
    "网格员的任务",
    {
        "at": "2019-03-04T14:30:00+08:00",
        "post": 3021,
        "posts": [
            {
                "id": 3021,
                "role": "grid_worker",
                "role_name": "网格员",
                "organization": 1288,
                "organization_name": "第一网格",
                "kind": "team",
                "area": "330104005001001",
            }
        ],
        "queues": [
            {
                "name": "verify",
                "label": "待我核查",
                "icon": "eye-check",
                "count": 1,
                "empty": "处置单位反馈后，由你到现场核查并结案。",
                "events": [
                    {
                        "id": EVENT_ID,
                        "number": EVENT_BODY["number"],
                        "url": EVENT_BODY["url"],
                        "version": 5,
                        "item": "30202",
                        "item_name": "店外经营",
                        "urgency": "normal",
                        "urgency_name": "一般",
                        "state": "fed_back",
                        "state_name": "待核查",
                        "sensitive": False,
                        "description": EVENT_BODY["description"],
                        "address": EVENT_BODY["address"],
                        "area_code": "330104005001001",
                        "place": "第一网格",
                        "longitude": 120.2031,
                        "latitude": 30.2687,
                        "occurred_at": "2019-03-04T08:55:00+08:00",
                        "recorded_at": "2019-03-04T09:00:02+08:00",
                        "closed_at": None,
                        "due": "2019-03-04T16:00:00+08:00",
                        "overdue": False,
                        "mine": True,
                        "answer": "已劝导店家收回货摊，人行道恢复通行",
                        "leading": "",
                        "rating": "",
                        "rework_count": 0,
                        "photos_missing": 0,
                        "photos": [
                            {
                                "kind": "before_photo",
                                "thumbnail": FILE_BODY["thumbnail"],
                                "url": FILE_BODY["url"],
                            }
                        ],
                        "note": {
                            "verb": "feed_back",
                            "words": "已反馈",
                            "text": "已劝导店家收回货摊，人行道恢复通行",
                            "at": "2019-03-04T14:00:00+08:00",
                        },
                        "actions": [
                            {
                                "verb": "verify",
                                "label": "核查通过",
                                "primary": True,
                                "needs": [
                                    {
                                        "name": "note",
                                        "label": "现场所见",
                                        "kind": "text",
                                        "required": False,
                                        "options": [],
                                        "help": "请写说明或附照片。",
                                        "max_length": 2000,
                                    },
                                    {
                                        "name": "evidence",
                                        "label": "照片与材料",
                                        "kind": "evidence",
                                        "required": False,
                                        "options": [],
                                        "choices": [
                                            {"value": "after_photo", "label": "处置后照片"},
                                            {"value": "document", "label": "材料"},
                                        ],
                                        "most_files": 9,
                                    },
                                ],
                            }
                        ],
                    }
                ],
            }
        ],
    },
)
CANDIDATES = _response(
    "可承办单位",
    {
        "proposed": 812,
        "organizations": [
            {"id": 812, "code": "CGJ@330104005", "name": "凯旋城管中队", "kind": "agency"},
            {"id": 809, "code": "GAFJ@330104005", "name": "凯旋派出所", "kind": "agency"},
        ],
    },
)
LEAD = _response(
    "推荐承办单位",
    {
        "id": 812,
        "code": "CGJ@330104005",
        "name": "凯旋城管中队",
        "kind": "agency",
        "proposed": True,
        "staffed": True,
        "score": 63,
        "reasons": [
            {"code": "responsible", "words": "按权责清单负责", "points": 0},
            {"code": "in_time_item", "words": "本事项 180 天内办结 35 件，按时 33 件", "points": 46},
            {"code": "in_hand", "words": "在办 3 件", "points": 17},
        ],
    },
)
LIKELY = _response(
    "疑似重复",
    {
        "id": "0190a5b2-7c1e-7d4a-9b1f-3c2d1e0f9a8b",
        "number": "3301042019030400012",
        "item": "30202",
        "state": "reported",
        "likely": True,
        "may_lead": True,
        "metres": 32,
        "same_item": True,
        "score": 88,
        "reasons": ["同一事项", "相距 32 米", "早 40 分钟", "相同词语：占道"],
    },
)
REASON = _request("联系报告人", {"reason": "回访报告人，核实三轮车车主"})
UNMASKED = _response(
    "明文",
    {
        "description": "居民来电：3 幢楼下消防通道被三轮车堵住，车主电话 13800001111",
        "address": "凯旋路 135 号",
        "reporter_phone": "",
        "caller_name": "王女士",
        "caller_phone": "0571-86020000",
        "texts": {"3": {"note": "位置属实"}},
    },
)
FILE = _response("处置前照片", FILE_BODY)
PROGRESS = _response(
    "还差一半",
    {
        "sha256": PHOTO,
        "size": 412_338,
        "received_bytes": 262_144,
        "received": False,
        "id": None,
        "photos_missing": 1,
    },
)
ITEM_BODY = {
    "code": "30202",
    "name_zh": "店外经营",
    "name_en": "Trading outside a shop",
    "platform": "综合执法",
    "platform_name": "综合执法",
    "category": "市容秩序",
    "urgency": "normal",
    "urgency_name": "一般",
    "level": "street",
    "self_handle": True,
    "evidence": ["before_photo", "after_photo"],
    "sensitive": False,
    "keywords": ["占道", "摆摊"],
    "handle_limit": 4,
    "limit_unit": "working_hours",
}
ITEM = _response("店外经营", ITEM_BODY)
HINTS = _response(
    "提示词",
    {
        "words": {"30603": [["井盖没了", 103], ["窨井盖", 77]], "30604": [["路灯不亮", 103], ["路灯", 44]]},
        "usual": {"330104005001": ["30101", "30204"], "330104005001001": ["30204"]},
    },
)
ITEM_VERSION = _response("店外经营", ITEM_BODY | {"valid_from": "2018-01-01", "valid_to": None})
AREA_BODY = {"code": "330104005", "level": "street", "name": "凯旋街道"}
AREA = _response("凯旋街道", AREA_BODY)
AREA_DETAIL = _response(
    "凯旋街道",
    AREA_BODY
    | {
        "parent": "330104",
        "valid_from": None,
        "valid_to": None,
        "predecessors": [],
        "boundary": {
            "type": "Polygon",
            "coordinates": [[[120.19, 30.26], [120.21, 30.26], [120.21, 30.28], [120.19, 30.26]]],
        },
    },
)
BOUNDARIES = _response(
    "凯旋街道",
    {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": "330104005", "name": "凯旋街道", "synthetic": False},
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[120.19, 30.26], [120.21, 30.26], [120.21, 30.28], [120.19, 30.26]]],
                },
            }
        ],
    },
)
PLACE = _response(
    "第一网格",
    {
        "area_code": "330104005001001",
        "level": "grid",
        "name": "第一网格",
        "path": ["凯旋街道", "凯西社区", "第一网格"],
        "on_edge": False,
        "outside": False,
    },
)
_PLACE = {
    "code": "JTXQ-3",
    "name": "嘉泰小区3幢",
    "kind": "building",
    "kind_name": "楼栋",
    "aliases": [],
    "parent": "JTXQ",
    "address": "凯旋路 88 号嘉泰小区3幢",
    "longitude": 120.19243,
    "latitude": 30.26012,
    "area_code": "330104005001001",
    "path": ["凯旋街道", "凯西社区", "第一网格"],
}
NAMED_PLACE = _response("嘉泰小区 3 幢", _PLACE)
PLACE_DETAIL = _response("嘉泰小区 3 幢", _PLACE | {"usual_items": ["10604", "30202"]})
ORGANIZATION = _response(
    "凯旋城管中队",
    {
        "id": 812,
        "code": "CGJ@330104005",
        "name": "凯旋城管中队",
        "kind": "agency",
        "kind_name": "派驻机构",
        "area": "330104005",
        "parent": "CGJ",
        "is_active": True,
    },
)
NOTICE = _response(
    "新派单",
    {
        "id": 90412,
        "kind": "lead",
        "event": EVENT_ID,
        "number": EVENT_BODY["number"],
        "url": f"/api/v1/events/{EVENT_ID}/",
        "item": "30202",
        "item_name": "店外经营",
        "urgency": "normal",
        "state": "dispatched",
        "place": "第一网格",
        "verb": "dispatch",
        "words": "已派单",
        "clock": "",
        "by": "凯旋街道综合信息指挥室",
        "at": "2019-03-04T09:20:00+08:00",
        "is_read": False,
        "answer": "",
    },
)
UNREAD = _response("未读", {"unread": 3})
READ_ONE = _request("一条", {"notice": 90412})
READ_ALL = _request("全部", {"until": "2019-03-04T12:00:00+08:00"})
MARKED = _response("已标记", {"marked": 3})
NEARBY = _response(
    "附近未办结的事件",
    {
        "id": "0190a5b2-7c1e-7d4a-9b1f-3c2d1e0f9a8b",
        "number": "3301042019030400012",
        "url": "/events/0190a5b2-7c1e-7d4a-9b1f-3c2d1e0f9a8b/",
        "item": "30202",
        "item_name": "店外经营",
        "state": "handling",
        "state_name": "处置中",
        "metres": 18,
        "minutes": 42,
        "description": "水果店把货摊摆到人行道上",
        "thumbnail": FILE_BODY["thumbnail"],
        "likely": True,
        "may_join": True,
        "mine": False,
    },
)
MONTH = _response(
    "本人的三月",
    {
        "month": "2019-03",
        "reported": 41,
        "closed": 33,
        "open": 5,
        "rejected": 1,
        "merged": 2,
        "self_closed": 12,
        "checks_done": 9,
        "answers_waiting": 3,
    },
)
ME = _response(
    "受理员",
    {
        "id": 57,
        "username": "acceptor",
        "name": "李敏",
        "district": "330104",
        "training": False,
        "may_report": True,
        "posts": [
            {
                "id": 812,
                "role": "room_acceptor",
                "role_name": "指挥室受理员",
                "organization": 640,
                "organization_name": "凯旋街道综合信息指挥室",
                "kind": "room",
                "area": "330104005",
            }
        ],
        "area": {"code": "330104005", "path": ["凯旋街道"]},
        "self_close_areas": [],
        "limits": {"text": 2000, "address": 200, "photos": 9, "evidence_bytes": 15000000},
        "evidence_kinds": [{"value": "before_photo", "label": "处置前照片"}],
        "token": {
            "name": "街道数据看板",
            "prefix": "grid_9aXk2Q",
            "scopes": ["read"],
            "expires_at": "2019-06-01T00:00:00+08:00",
        },
    },
)
