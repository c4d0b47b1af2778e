"""The examples of major incidents in the API's description."""

from drf_spectacular.utils import OpenApiExample

from desks.api.examples import EVENT_BODY, EVENT_ID

REQUEST_ID = "0193f0c4-0c7e-7b02-8a10-5d9e1f2a3b44"
INCIDENT_BODY = {
    "id": 17,
    "number": "ZX2019061801",
    "url": "/incidents/17/",
    "name": "凯旋路下穿通道积水",
    "plan": "flooding",
    "plan_name": "暴雨内涝应急预案",
    "plan_version": 1,
    "items": ["30605", "30606", "30603"],
    "command": "ZHZX@330104005",
    "response": 3,
    "response_name": "Ⅲ级响应",
    "state": "open",
    "state_name": "进行中",
    "summary": "通道内积水约 40 厘米，车辆绕行",
    "number_of_members": 12,
    "opened_at": "2019-06-18T07:40:00+08:00",
    "closed_at": None,
    "conclusion": "",
}


def _request(name: str, value: dict) -> OpenApiExample:
    return OpenApiExample(name, value, request_only=True)


def _response(name: str, value) -> OpenApiExample:
    return OpenApiExample(name, value, response_only=True, status_codes=["200", "201"])


INCIDENT = _response("专项", INCIDENT_BODY)
INCIDENT_DETAIL = _response(
    "专项", INCIDENT_BODY | {"may_act": True, "states": [{"state": "reported", "number": 12}]}
)
OPEN = _request(
    "发起专项",
    {
        "request_id": REQUEST_ID,
        "name": "凯旋路下穿通道积水",
        "plan": "flooding",
        "response": 3,
        "summary": "通道内积水约 40 厘米，车辆绕行",
        "event": EVENT_ID,
    },
)
MEMBER = _response(
    "成员事件", {"event": EVENT_BODY, "joined_at": "2019-06-18T07:40:00+08:00", "left_at": None}
)
GATHER = _request("纳入", {"request_id": REQUEST_ID, "events": [EVENT_ID], "reason": "同一处积水"})
JOINED = _response("已纳入", {"event": EVENT_ID, "code": "", "message": ""})
TASK = _response(
    "任务",
    {
        "id": 131,
        "position": 2,
        "text": "封闭下穿通道和积水路段，设警示标志",
        "responsible": None,
        "responsible_kind": "agency",
        "due": "2019-06-18T08:10:00+08:00",
        "done_at": "2019-06-18T08:02:00+08:00",
        "is_applicable": True,
        "note": "",
    },
)
SEND = _request(
    "统一答复", {"request_id": REQUEST_ID, "text": "下穿通道正在抽水，预计十点恢复通行，请绕行。"}
)
MESSAGE = _response(
    "统一答复",
    {
        "id": REQUEST_ID,
        "text": "下穿通道正在抽水，预计十点恢复通行，请绕行。",
        "sent_at": "2019-06-18T08:15:00+08:00",
        "reporters": {"waiting": 0, "told": 9, "refused": 0, "to_call": 2},
    },
)
CLOSE = _request(
    "结束专项",
    {"conclusion": "积水已排净，恢复通行", "choices": [{"event": EVENT_ID, "what": "hand_on"}]},
)
CLOSING = _response(
    "各成员的去向",
    {
        "state": "open",
        "conclusion": "",
        "leading": EVENT_ID,
        "waiting": 0,
        "members": [
            {
                "event": EVENT_ID,
                "number": EVENT_BODY["number"],
                "state": "reported",
                "options": ["hand_on"],
                "code": "",
                "message": "",
            }
        ],
    },
)
