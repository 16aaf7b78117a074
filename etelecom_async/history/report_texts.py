"""The texts of a report in each language, and how a language writes numbers, lengths and times."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Literal, NamedTuple, get_args

Language = Literal["en", "vi"]
LANGUAGES: Final[tuple[str, ...]] = get_args(Language)

UNKNOWN: Final = "\u2013"
"""Stands for a figure that there is not."""
_MINUTE: Final = 60
_HOUR: Final = 3600


_LONGEST_NAME: Final = 80
_NO_TEXT: Final = ("Cc", "Cs", "Zl", "Zp")
"""Categories of characters that no line of a page or label of a chart can have."""
_TURNS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn the direction of the texts after them."""
_NO_CHARACTER: Final = 0xFFFE


def readable(name: str) -> str:
    """Return a name or a number of the service on one line, and short enough for a cell."""
    text = " ".join("".join(" " if _is_no_text(each) else each for each in name[: 2 * _LONGEST_NAME]).split())
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1].rstrip()}…"


def _is_no_text(character: str) -> bool:
    return (
        character in _TURNS
        or unicodedata.category(character) in _NO_TEXT
        or ord(character) & _NO_CHARACTER == _NO_CHARACTER
    )


class Words(NamedTuple):
    """A text in each language."""

    en: str
    vi: str


TEXTS: Final[Mapping[str, Words]] = {
    "title": Words("Call report", "Báo cáo cuộc gọi"),
    "span": Words("Period", "Thời gian"),
    "made": Words("Made", "Lập lúc"),
    "calls": Words("Calls", "Cuộc gọi"),
    "hanoi": Words("All times are in Hanoi (UTC+7).", "Mọi thời điểm theo giờ Hà Nội (UTC+7)."),
    "empty": Words("There are no calls in this period.", "Không có cuộc gọi nào trong thời gian này."),
    "show_figures": Words("Show the figures", "Xem số liệu"),
    "show_list": Words("Show the list", "Xem danh sách"),
    "total": Words("Total", "Tổng cộng"),
    # The cards
    "incoming_calls": Words("Incoming calls", "Cuộc gọi đến"),
    "answer_rate": Words("Answer rate", "Tỷ lệ trả lời"),
    "not_returned": Words("Missed, not returned", "Nhỡ, chưa gọi lại"),
    "asa": Words("Average speed of answer", "Thời gian chờ trung bình"),
    "service_level": Words("Service level", "Mức phục vụ"),
    "mean_talk": Words("Average talk time", "Đàm thoại trung bình"),
    "card_incoming": Words("{answered} answered, {missed} missed", "{answered} được trả lời, {missed} nhỡ"),
    "card_answer_rate": Words("of answered and missed calls", "trên tổng cuộc gọi được trả lời và nhỡ"),
    "card_not_returned": Words("of {missed} missed calls", "trên {missed} cuộc gọi nhỡ"),
    "card_asa": Words("longest: {longest}", "lâu nhất: {longest}"),
    "card_service_level": Words("answered within {limit}", "trả lời trong {limit}"),
    "card_mean_talk": Words("incoming; outgoing: {outgoing}", "gọi đến; gọi đi: {outgoing}"),
    # Sections
    "by_direction": Words("Calls by direction and result", "Cuộc gọi theo chiều và kết quả"),
    "by_day": Words("Calls by day", "Cuộc gọi theo ngày"),
    "by_week": Words("Calls by week", "Cuộc gọi theo tuần"),
    "by_month": Words("Calls by month", "Cuộc gọi theo tháng"),
    "by_year": Words("Calls by year", "Cuộc gọi theo năm"),
    "by_hour": Words("When customers call", "Khách hàng gọi khi nào"),
    "by_hour_note": Words(
        "Incoming calls by hour and weekday. A darker field has more calls.",
        "Cuộc gọi đến theo giờ và thứ trong tuần. Ô càng đậm càng nhiều cuộc gọi.",
    ),
    "answering": Words("Answered and missed calls", "Cuộc gọi được trả lời và cuộc gọi nhỡ"),
    "answering_note": Words("Incoming calls.", "Cuộc gọi đến."),
    "waiting": Words("Waiting time", "Thời gian chờ"),
    "waiting_note": Words(
        "Incoming calls by the seconds that the caller waited.",
        "Cuộc gọi đến theo số giây khách hàng chờ.",
    ),
    "talking": Words("Talk time", "Thời gian đàm thoại"),
    "by_extension": Words("By extension", "Theo máy nhánh"),
    "by_extension_note": Words(
        "A call that rang at several extensions counts for each of them, so the sums exceed the number of "
        "calls.",
        "Cuộc gọi đổ chuông ở nhiều máy nhánh được tính cho từng máy, nên tổng lớn hơn số cuộc gọi.",
    ),
    "by_employee": Words("By employee", "Theo nhân viên"),
    "by_employee_note": Words(
        "A missed call belongs to no employee.", "Cuộc gọi nhỡ không thuộc về nhân viên nào."
    ),
    "no_names": Words(
        "The names of the employees could not be read, so their ids are shown. The shop's own key "
        "(shop_api_key) may not read them.",
        "Không đọc được tên nhân viên, nên báo cáo ghi mã nhân viên. Khóa riêng của cửa hàng (shop_api_key) "
        "không được đọc tên.",
    ),
    "by_hotline": Words("By hotline", "Theo hotline"),
    "missed_section": Words("Missed calls and call backs", "Cuộc gọi nhỡ và gọi lại"),
    "delays_note": Words(
        "Missed calls that were called back, by the time until the call back.",
        "Cuộc gọi nhỡ đã gọi lại, theo thời gian đến lúc gọi lại.",
    ),
    "callers_section": Words("Not returned yet", "Chưa gọi lại"),
    "callers_note": Words(
        "Numbers whose missed calls were not returned, the latest first.",
        "Các số có cuộc gọi nhỡ chưa được gọi lại, mới nhất trước.",
    ),
    "callers_masked": Words(
        "The numbers are masked. Make the report with --reveal-numbers (in Python: reveal_numbers=True) to "
        "call back.",
        "Các số đã được che. Để gọi lại, hãy lập báo cáo với --reveal-numbers (trong Python: "
        "reveal_numbers=True).",
    ),
    "callers_shown": Words(
        "The numbers are shown in full. They are personal data: pass this page on with care.",
        "Các số được ghi đầy đủ. Đây là dữ liệu cá nhân: hãy cẩn thận khi chuyển trang này.",
    ),
    "callers_none": Words(
        "Every missed call with a number was returned.", "Mọi cuộc gọi nhỡ có số đều đã được gọi lại."
    ),
    "callers_more": Words("… and {count} more numbers", "… và {count} số khác"),
    "rows_more": Words("… and {count} more, with fewer calls", "… và {count} dòng khác, ít cuộc gọi hơn"),
    # Headings and rows
    "direction": Words("Direction", "Chiều"),
    "in": Words("Incoming", "Gọi đến"),
    "out": Words("Outgoing", "Gọi đi"),
    "internal": Words("Internal", "Nội bộ"),
    "other": Words("Other", "Khác"),
    "answered": Words("Answered", "Được trả lời"),
    "unanswered": Words("Not answered", "Không trả lời"),
    "missed": Words("Missed", "Nhỡ"),
    "rate": Words("Answer rate", "Tỷ lệ trả lời"),
    "day": Words("Day", "Ngày"),
    "week": Words("Week from", "Tuần từ"),
    "month": Words("Month", "Tháng"),
    "year": Words("Year", "Năm"),
    "no_time": Words("No time", "Không rõ thời điểm"),
    "hour": Words("Hour", "Giờ"),
    "hours": Words("h", "giờ"),
    "minutes": Words("min", "phút"),
    "wait": Words("Wait", "Thời gian chờ"),
    "not_known": Words("Not known", "Không rõ"),
    "figure": Words("Figure", "Số liệu"),
    "value": Words("Value", "Giá trị"),
    "longest_wait": Words("Longest wait until an answer", "Thời gian chờ lâu nhất đến khi trả lời"),
    "patience": Words("Average wait of missed calls", "Thời gian chờ trung bình của cuộc gọi nhỡ"),
    "service_level_row": Words("Service level ({limit})", "Mức phục vụ ({limit})"),
    "total_talk": Words("Total", "Tổng"),
    "mean": Words("Average", "Trung bình"),
    "longest": Words("Longest", "Lâu nhất"),
    "extension": Words("Extension", "Máy nhánh"),
    "rang": Words("Rang", "Đổ chuông"),
    "not_here": Words("Not answered here", "Không bắt máy"),
    "outgoing": Words("Outgoing", "Gọi đi"),
    "reached": Words("Reached", "Gặp khách"),
    "talk": Words("Talk time", "Đàm thoại"),
    "employee": Words("Employee", "Nhân viên"),
    "nobody": Words("No employee", "Không có nhân viên"),
    "hotline": Words("Hotline", "Hotline"),
    "unresolved": Words("Unresolved", "Không xác định"),
    "missed_calls": Words("Missed calls", "Cuộc gọi nhỡ"),
    "called_back": Words("Called back", "Đã gọi lại"),
    "called_again": Words("Caller called again and was answered", "Khách gọi lại và được trả lời"),
    "open": Words("Not returned", "Chưa gọi lại"),
    "open_callers": Words("Numbers of these callers", "Số điện thoại của các khách này"),
    "without_number": Words("Not returned, without a number", "Chưa gọi lại, không có số"),
    "mean_delay": Words("Average time to call back", "Thời gian gọi lại trung bình"),
    "median_delay": Words("Median time to call back", "Trung vị thời gian gọi lại"),
    "delay": Words("Time to call back", "Thời gian đến khi gọi lại"),
    "number": Words("Number", "Số điện thoại"),
    "most_wait": Words("Longest wait", "Chờ lâu nhất"),
    "last_call": Words("Last missed call", "Cuộc gọi nhỡ gần nhất"),
    "from_to": Words("{least} to {most}", "{least} đến {most}"),
    "under": Words("under {most}", "dưới {most}"),
    "from_on": Words("{least} or more", "từ {least}"),
    "field": Words("{day}, {hour}:00: {calls} calls", "{day}, {hour}:00: {calls} cuộc gọi"),
    "mark": Words("{row}, {series}: {count}", "{row}, {series}: {count}"),
    # Definitions
    "definitions": Words("Definitions", "Định nghĩa"),
    "def_source": Words(
        "A call belongs to the day and hour of its start, or of its creation if it has no start. The period "
        "includes its first moment, and not its last one.",
        "Cuộc gọi được tính vào ngày và giờ bắt đầu, hoặc lúc tạo nếu không có lúc bắt đầu. Thời gian báo "
        "cáo gồm thời điểm đầu, không gồm thời điểm cuối.",
    ),
    "def_direction": Words(
        "Direction: incoming is in, outgoing is out, internal is ext, ext_in or ext_out (between "
        "extensions). Every other value is in the row “Other”. Internal and other calls are in no rate.",
        "Chiều: gọi đến là in, gọi đi là out, nội bộ là ext, ext_in hoặc ext_out (giữa các máy nhánh). Mọi "
        "giá trị khác nằm ở dòng “Khác”. Cuộc gọi nội bộ và khác không nằm trong tỷ lệ nào.",
    ),
    "def_answered": Words(
        "Answered: at least one target of the call has an answered_time. If five extensions ring and one "
        "answers, this is one answered call.",
        "Được trả lời: ít nhất một đích của cuộc gọi có answered_time. Nếu năm máy nhánh đổ chuông và một "
        "máy trả lời, đó là một cuộc gọi được trả lời.",
    ),
    "def_missed": Words(
        "Not answered: no target has an answered_time, and the state is not_answered. Such an incoming call "
        "is missed. A call with any other state, for example one that is not over, is in “Other”.",
        "Không trả lời: không đích nào có answered_time và trạng thái là not_answered. Cuộc gọi đến như vậy "
        "là cuộc gọi nhỡ. Cuộc gọi có trạng thái khác, ví dụ chưa kết thúc, nằm ở “Khác”.",
    ),
    "def_rate": Words(
        "Answer rate = answered / (answered + missed).",
        "Tỷ lệ trả lời = được trả lời / (được trả lời + nhỡ).",
    ),
    "def_wait": Words(
        "Wait: from the start to the first answered_time; for a missed call, to its end. It includes the "
        "voice menu and the ringing. Average speed of answer (ASA) = wait of answered calls / answered "
        "calls; calls without a known wait are left out.",
        "Thời gian chờ: từ lúc bắt đầu đến answered_time đầu tiên; với cuộc gọi nhỡ, đến lúc kết thúc. Gồm "
        "cả lời chào, menu thoại và đổ chuông. Thời gian chờ trung bình (ASA) = tổng thời gian chờ của cuộc "
        "gọi được trả lời / số cuộc gọi được trả lời; không tính cuộc gọi không rõ thời gian chờ.",
    ),
    "def_service_level": Words(
        "Service level = answered within {limit} / (answered + missed after more than {limit}) = "
        "{in_time} / ({answered} + {late}). Callers who hang up earlier do not count. A missed call whose "
        "wait is not known counts as late.",
        "Mức phục vụ = trả lời trong {limit} / (được trả lời + nhỡ sau hơn {limit}) = "
        "{in_time} / ({answered} + {late}). Không tính khách gác máy sớm hơn. Cuộc gọi nhỡ không rõ thời "
        "gian chờ được tính là muộn.",
    ),
    "def_talk": Words(
        "Talk time: from the first answered_time to the end of the call; by extension, to the ended_time of "
        "its target. The service reports neither hold time nor work after the call.",
        "Thời gian đàm thoại: từ answered_time đầu tiên đến lúc kết thúc cuộc gọi; theo máy nhánh, đến "
        "ended_time của đích. Dịch vụ không cho biết thời gian giữ máy và thời gian xử lý sau cuộc gọi.",
    ),
    "def_extension": Words(
        "By extension: an incoming call rang at the numbers of its targets. An outgoing call belongs to the "
        "extension that is its caller. Reached: an outgoing call that was answered.",
        "Theo máy nhánh: cuộc gọi đến đổ chuông ở các số đích. Cuộc gọi đi thuộc máy nhánh gọi. Gặp khách: "
        "cuộc gọi đi được trả lời.",
    ),
    "def_hotline": Words(
        "By hotline: a call log names no hotline, so the calls of each hotline were listed. A call that no "
        "list has, or that several have, is unresolved.",
        "Theo hotline: nhật ký cuộc gọi không ghi hotline, nên báo cáo đọc danh sách cuộc gọi của từng "
        "hotline. Cuộc gọi không có trong danh sách nào, hoặc có trong nhiều danh sách, là không xác định.",
    ),
    "def_returned": Words(
        "Returned: a missed call is closed by the first later call back, which is an outgoing call to the "
        "same number, answered or not; or by the next answered call of the same caller. Later means that it "
        "starts after the missed call started. Calls after the period are not seen. Time to call back is the "
        "time between both starts.",
        "Đã gọi lại: cuộc gọi nhỡ được khép lại bởi cuộc gọi lại đầu tiên sau đó, tức là cuộc gọi đi đến "
        "cùng số, có trả lời hay không; hoặc bởi cuộc gọi tiếp theo của cùng khách được trả lời. Sau đó "
        "nghĩa là bắt đầu sau lúc cuộc gọi nhỡ bắt đầu. Báo cáo không thấy cuộc gọi sau thời gian này. "
        "Thời gian đến khi gọi lại là thời gian giữa hai lúc bắt đầu.",
    ),
}
"""Every text of a report."""

_WEEKDAYS: Final = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"),
}
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Texts:
    """
    Writes in a language.

    Args:
        language: The language.
    """

    def __init__(self, language: Language) -> None:
        self.language: Final = language
        self.weekdays: Final = _WEEKDAYS[language]
        """From Monday to Sunday, as the shortest names."""
        self._hour, self._minute = ("h", "m") if language == "en" else ("g", "p")

    def __call__(self, key: str, **values: str) -> str:
        """Return a text, with values in its places."""
        words = TEXTS[key]
        return (words.en if self.language == "en" else words.vi).format(**values)

    def count(self, number: float, digits: int = 0) -> str:
        """Return a number."""
        text = f"{number:,.{digits}f}"
        return text if self.language == "en" else text.translate({ord(","): ".", ord("."): ","})

    def share(self, part: float, whole: float) -> str:
        """Return a part of a whole in percent."""
        return self.percent(part / whole if whole else None)

    def percent(self, share: float | None) -> str:
        """Return a share, from 0 to 1, in percent."""
        return UNKNOWN if share is None else f"{self.count(share * 100, 1)}%"

    def length(self, seconds: float | None) -> str:
        """Return a length of time: `12.3s`, `4m 05s` or `1h 04m`."""
        if seconds is None:
            return UNKNOWN
        if round(seconds, 1) < _MINUTE:
            return f"{self._short(seconds)}s"
        minutes, rest = divmod(round(seconds), _MINUTE)
        if minutes < _MINUTE:
            return f"{minutes}{self._minute} {rest:02}s"
        return f"{self.count(minutes // _MINUTE)}{self._hour} {minutes % _MINUTE:02}{self._minute}"

    def _short(self, number: float) -> str:
        whole = round(number, 1) == round(number)
        return self.count(number, 0 if whole else 1)

    def limit(self, seconds: float) -> str:
        """Return the bound of a range of times in its largest unit: `5 s`, `15 min`, `4 h`."""
        if seconds < _MINUTE or seconds % _MINUTE:
            return f"{self._short(seconds)} s"
        if seconds < _HOUR or seconds % _HOUR:
            return f"{self.count(seconds / _MINUTE)} {self('minutes')}"
        return f"{self.count(seconds / _HOUR)} {self('hours')}"

    def between(self, least: float | None, most: float | None) -> str:
        """Return a range of times."""
        if least is None:
            return self("not_known")
        if most is None:
            return self("from_on", least=self.limit(least))
        if not least:
            return self("under", most=self.limit(most))
        return self("from_to", least=self.limit(least), most=self.limit(most))

    def day(self, day: date) -> str:
        """Return a day."""
        if self.language == "vi":
            return f"{day:%d/%m/%Y}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def weekday_and_day(self, day: date) -> str:
        """Return a day with its weekday before it."""
        return f"{self.weekdays[day.weekday()]} {self.day(day)}"

    def month(self, day: date) -> str:
        """Return the month of a day."""
        return f"{day:%m/%Y}" if self.language == "vi" else f"{_MONTHS[day.month - 1]} {day.year}"

    def year(self, day: date) -> str:
        """Return the year of a day."""
        return f"{day:%Y}"

    def time(self, moment: datetime) -> str:
        """Return the day and the minute of a time."""
        return f"{self.day(moment)}, {moment:%H:%M}"
