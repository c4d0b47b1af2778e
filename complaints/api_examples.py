"""The examples of the complaint box in the API's description."""

from drf_spectacular.utils import OpenApiExample

COMPLAINT_BODY = {
    "id": "0193f0c5-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "text": "上报页选事项时键盘挡住了列表，要先收起键盘才点得到",
    "app": "1.0.0, Chrome Mobile, Android",
    "at": "2019-03-04T09:30:00+08:00",
    "state": "answered",
    "state_name": "已回复",
    "answer": "已记录，下次升级时修正。可先在上报页下拉一次再选。",
    "answered_at": "2019-03-04T14:05:00+08:00",
}
COMPLAIN = OpenApiExample(
    "键盘挡住列表", {name: COMPLAINT_BODY[name] for name in ("id", "text", "app")}, request_only=True
)
COMPLAINT = OpenApiExample("意见", COMPLAINT_BODY, response_only=True, status_codes=["200", "201"])
COMPLAINTS = OpenApiExample(
    "意见",
    {"next": None, "previous": None, "unread": 1, "results": [COMPLAINT_BODY]},
    response_only=True,
    status_codes=["200"],
)
