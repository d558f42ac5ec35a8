"""Why a row or a file was refused, as a sentence; said in both languages wherever it is shown."""

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    # the whole file
    "is_empty": gettext_noop("The file is empty."),
    "no_rows": gettext_noop("The file holds a header and no row."),
    "is_excel": gettext_noop(
        "This workbook is of an old kind or locked; save it as .xlsx without a password, or as CSV."
    ),
    "is_utf16": gettext_noop("This file is UTF-16; save it as CSV (UTF-8) first."),
    "is_compressed": gettext_noop("This file is compressed; unpack it first."),
    "is_broken": gettext_noop("This workbook cannot be read; open it and save it again as .xlsx, or as CSV."),
    "unpacks_too_far": gettext_noop("This workbook unpacks to far more than a file may hold."),
    "too_many_rows": gettext_noop("A workbook may hold at most %(most)s rows; split it, or save it as CSV."),
    "too_many_columns": gettext_noop("A workbook may hold at most %(most)s columns; remove what is not needed."),
    "is_other": gettext_noop("This is no CSV file."),
    "header_unreadable": gettext_noop("The header in line %(line)s cannot be read; save the file as UTF-8."),
    "header_twice": gettext_noop("These columns stand twice in the header: %(columns)s."),
    "header_missing": gettext_noop("These columns are missing in the header: %(columns)s."),
    "reader_died": gettext_noop("The file asks for more memory or time than a file may; split it."),
    "no_place": gettext_noop("A file cannot be written here: %(path)s."),
    "no_file": gettext_noop("There is no such file: %(path)s."),
    "table_too_long": gettext_noop(
        "A table holds at most %(most)s rows here; longer files come in on the import page."
    ),
    # a row
    "formula_error": gettext_noop("A cell of this row holds a formula without a result, or an error such as #N/A."),
    "number_mangled": gettext_noop(
        "A spreadsheet has shortened this number; format the column as text and export again."
    ),
    "day_serial": gettext_noop("This is a spreadsheet's number of a day; format the column as a date like 2026-01-31."),
    "bad_bytes": gettext_noop("The line holds bytes that are no text in the file's encoding."),
    "nul": gettext_noop("The line holds a NUL byte."),
    "ragged": gettext_noop("The line has more or fewer cells than the header."),
    "unclosed_quote": gettext_noop("A quotation mark in the line is never closed."),
    "line_too_long": gettext_noop("The line is too long."),
    "too_long": gettext_noop("The text is too long."),
    "unprintable": gettext_noop("The text holds characters that cannot be printed."),
    "missing": gettext_noop("This must not be empty."),
    "negative": gettext_noop("A negative number is not allowed here."),
    "too_many_decimals": gettext_noop("An amount has at most two decimals."),
    "not_money": gettext_noop("This is no plain amount such as 1234.50."),
    "not_whole": gettext_noop("This is no whole number."),
    "not_number": gettext_noop("This is no number."),
    "phone_mangled": gettext_noop("A spreadsheet has rounded this phone number; format the column as text."),
    "not_phone": gettext_noop("This is no phone number."),
    "not_identity": gettext_noop("This is no such number or id: at most 120 signs."),
    "not_date": gettext_noop("This is no day written as 2026-01-31."),
    "not_moment": gettext_noop("This is no time written as 2026-01-31T18:30:00."),
    "no_such_day": gettext_noop("There is no such day in the calendar."),
    "day_far_off": gettext_noop("The year is too far off."),
    "in_future": gettext_noop("This lies in the future."),
    "not_birthday": gettext_noop("This is no birthday written as 1990-01-31 or 01-31."),
    "birthday_far_off": gettext_noop("Nobody was born in that year."),
    "not_plain": gettext_noop("Write this name in plain characters: no full-width or invisible ones."),
    "not_a_choice": gettext_noop("This word is none of those allowed here."),
    "duplicate_differs": gettext_noop("The same key stands in line %(first_line)s with other values."),
    "first_refused": gettext_noop("The same key stands in line %(first_line)s, which was refused; mend that line."),
    "unknown_store": gettext_noop("There is no store with this code."),
    "unknown_region": gettext_noop("There is no region of this name."),
    "not_planned": gettext_noop("No plan of Moments of that week asks for this post, or it is confirmed already."),
    "unknown_staff": gettext_noop("There is no member of staff with this number."),
    "not_serving": gettext_noop("Nobody with this number serves in a store now, as a guide or its manager."),
    "unknown_shift": gettext_noop("The brand has no such shift; its settings list them. 休 is a day off, - nothing."),
    "day_over": gettext_noop("This day is over; its roster stays as it was."),
    "far_day": gettext_noop("A roster reaches at most a year ahead."),
    "unknown_member": gettext_noop("There is no such member; import members first, or enrol the payers."),
    "unknown_order": gettext_noop("There is no such order; import orders first."),
    "unknown_line": gettext_noop("The order has no such line."),
    "unknown_product": gettext_noop("There is no product with this SKU."),
    "two_members": gettext_noop("The number, phone or other identities of this row belong to two members."),
    "lines_exceed_order": gettext_noop("The lines would sum to more than their order."),
    "below_lines": gettext_noop("The order's lines sum to more than this amount."),
    "below_refunds": gettext_noop("More than this amount was refunded already."),
    "refund_exceeds": gettext_noop("Refunds would exceed what was paid."),
    "refund_differs": gettext_noop("This refund is recorded already with other values; a refund never changes."),
    "event_differs": gettext_noop("This event is recorded already with other values; an event never changes."),
    "bad_data": gettext_noop("Data is an object of at most 20 texts of at most 200 characters, by plain names."),
    "username_taken": gettext_noop("Somebody else signs in under this number; give this person another."),
    "needs_place": gettext_noop("This role needs a store; a supervisor needs a region."),
    "rank_taken": gettext_noop("Another level holds this rank."),
    "rank_too_high": gettext_noop("A rank is at most 9999."),
    "unknown_tag": gettext_noop("There is no tag of this name; record it first."),
    "tag_elsewhere": gettext_noop("This tag belongs to one place; it is not put on members who are at home elsewhere."),
    "two_places": gettext_noop("A tag belongs to a region or to a store, not to both."),
    "too_many_days": gettext_noop("A tag holds for at most 36500 days; 0 means for good."),
    "not_days": gettext_noop("These are no days written as 2026-01-31, apart by semicolons."),
    "bad_family": gettext_noop("A family is a word of small letters, digits and underscores, such as anniversary."),
    "other_year": gettext_noop("The day lies in another year."),
    "span_reversed": gettext_noop("The last day lies before the first."),
    "outside_span": gettext_noop("The day itself lies outside its first and last day."),
    "not_month": gettext_noop("This is no month written as 2026-01."),
    "closed_month": gettext_noop("This month is over; its targets stay as they were."),
    "unknown_guide": gettext_noop(
        "There is no guide with this number, or she stands in several stores; write store code/number."
    ),
    "target_twice": gettext_noop("This target stands in the file twice."),
    "over_whole": gettext_noop("A rate is at most 100 percent."),
    "channel_purpose": gettext_noop(
        "Service, care and marketing are consented to by channel; personalisation and profiling with the channel “any”."
    ),
    "unknown_text": gettext_noop("This purpose has no consent text of this version."),
    "no_text": gettext_noop("No consent text was published for this purpose by then; publish one first."),
    "proof_missing": gettext_noop("A consent that is given needs its proof: a number to look it up by, or a digest."),
    "bad_proof": gettext_noop(
        "A proof is a number to look it up by, or sha256: and its digest; letters and digits, and no phone."
    ),
    "person_erased": gettext_noop(
        "This person was erased at her wish; she does not come in again by a file or a system."
    ),
    # an item of the API
    "not_an_item": gettext_noop("An item is a JSON object."),
    "not_a_list": gettext_noop("This must be a list."),
    "not_text": gettext_noop("This must be a text."),
    "source_of_gifts": gettext_noop("Under this source stand the points of gift orders; name another."),
    "unknown_gift": gettext_noop("There is no gift with this code."),
    "unknown_plan": gettext_noop("There is no coupon plan with this code."),
    "not_flag": gettext_noop("This must be true or false."),
    "blanks_around": gettext_noop("No blanks may stand before or behind this."),
    "no_offset": gettext_noop("A time needs its offset, such as 2026-01-31T18:30:00+08:00."),
    "unknown_field": gettext_noop("There is no field of this name here."),
    "too_many_items": gettext_noop("There are too many of these."),
    "wrong_sum": gettext_noop("The lines and the freight do not sum to the amount of the order."),
    "one_at_a_time": gettext_noop(
        "Coupons and points are paid with one order at a time: send it to POST /api/v1/orders."
    ),
    "coupon_twice": gettext_noop("This coupon stands here twice."),
    "coupon_plan_stopped": gettext_noop("Coupons of this plan are not issued at present."),
    "plan_over": gettext_noop("The last day of this plan is over."),
    "over_limit": gettext_noop("The member has as many coupons of this plan as it allows."),
    "no_stock": gettext_noop("No coupon of this plan is left."),
    "too_many_channels": gettext_noop("There are too many different channels; check the column."),
}


class _Facts(dict[str, object]):
    """Facts of a refusal; one that is missing leaves a dash, never an error."""

    def __missing__(self, name: str) -> str:
        return "–"


def sentence(code: str, facts: dict[str, object] | None = None, language: str | None = None) -> str:
    """Say a reason in the language at work, or in the one named."""
    with translation.override(language or translation.get_language()):
        return _(SENTENCES.get(code, code)) % _Facts(facts or {})


def both(code: str, facts: dict[str, object] | None = None) -> str:
    """Say a reason in Chinese and English."""
    return f"{sentence(code, facts, 'zh-hans')} / {sentence(code, facts, 'en')}"
