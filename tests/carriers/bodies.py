"""Bodies in the shapes of carriers and tracking services; numbers and words are made up.

The shape of EasyPost's tracker is that of easypost-python's cassettes (MIT).
"""


def easypost(*details, number="EZ1000000001", status="delivered", signed_by=None):
    return {
        "id": "trk_1",
        "object": "Tracker",
        "mode": "test",
        "tracking_code": number,
        "status": status,
        "signed_by": signed_by,
        "carrier": "USPS",
        "tracking_details": [
            {
                "object": "TrackingDetail",
                "message": "As the carrier says",
                "status": code,
                "status_detail": "status_update",
                "datetime": at,
                "source": "USPS",
                "tracking_location": {"city": "HOUSTON", "state": "TX", "country": None},
            }
            for code, at in details
        ],
        "fees": [],
    }


def kuaidi100(*lines, number="YT1000000001", state="0"):
    """Make an answer, the newest line first."""
    return {
        "message": "ok",
        "nu": number,
        "ischeck": "1" if state == "3" else "0",
        "com": "yuantong",
        "status": "200",
        "state": state,
        "condition": "F00",
        "data": [
            {"time": at, "ftime": at, "context": words, "areaName": None, "status": "在途"}
            for at, words in reversed(lines)
        ],
    }


def kdniao(*lines, number="HT1000000001", state="2"):
    """Make an answer, the oldest line first."""
    return {
        "LogisticCode": number,
        "ShipperCode": "HTKY",
        "State": state,
        "Success": True,
        "Traces": [{"AcceptStation": words, "AcceptTime": at} for at, words in lines],
    }


ERRORS = {  # adapter → bodies by which a carrier says that it has nothing to tell
    "easypost": [
        {"error": {"code": "TRACKER.NOT_FOUND", "message": "not found", "errors": []}},
        easypost(("error", "2026-03-02T08:00:00Z"), status="error"),
    ],
    "kuaidi100": [
        {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"},
        {"message": "快递公司参数异常", "nu": "", "com": "", "status": "400", "data": []},
    ],
    "kdniao": [{"LogisticCode": "1", "Success": False, "Reason": "没有物流轨迹"}],
    "generic": [
        {"errors": [{"code": "51101", "name": "TOO_MANY", "message": "too many"}]},
        {"title": "No result found", "detail": "None.", "status": 404},
        {"error": "invalid_client", "error_description": "Client authentication failed."},
        {"Error": "Tracking number not found", "ErrorLevel": 10},
    ],
}
