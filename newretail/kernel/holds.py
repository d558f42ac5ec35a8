"""What the columns of the kernel's nouns hold, and of the tables that packages bring into a brand's schema."""

from newretail.kernel.personal import declare, of_nobody

declare("kernel.JobRun", mentions="params log error failure",
        plain="name as_of due_at queued_at state progress counts attempts started_at reported_at ended_at"
              " cancel_asked")  # fmt: skip
# Files that were not fetched or taken yet go as a whole when a person is erased.
declare("kernel.ExportFile", mentions="words",
        plain="noun language format stored rows size sight asked_at written_at ends_at closed")  # fmt: skip
declare("kernel.Upload", mentions="file_name header told",
        plain="kind source enrol stored digest size sheet_name columns state uploaded_at")  # fmt: skip
declare("kernel.ImportFile", mentions="file_name error",
        plain="kind digest enrol state chunk_rows chunks_done rows created updated skipped rejected enrolled"
              " started_at ended_at entry_ids")  # fmt: skip
declare("kernel.RowError", plain="line column code facts")
# Lines hold keys, names of fields and counts.
declare("kernel.JournalEntry", plain="name subject facts effective_at written_at")
declare("kernel.Pending", mentions="error", plain="handler subject attempts due_at")
declare("kernel.KeptAnswer", mentions="body", plain="key asked status made_at", goes="named")
declare("kernel.SavedView", mentions="name words", plain="noun shared_with is_default")
declare("kernel.InboxMessage", mentions="body faults",
        plain="message_id digest kind size state attempts received_at begun_at due_at ended_at")  # fmt: skip
declare("kernel.HookMessage", mentions="body", plain="ref event part made_at")
declare("kernel.Attempt", mentions="answer error", plain="number at status millis")
declare("kernel.User",
        staff="password is_superuser username email is_staff is_active date_joined name staff_no phone joined_on"
              " session_no")  # fmt: skip
of_nobody(
    "kernel.ColumnMapping", "kernel.Holiday", "kernel.InboxSource", "kernel.Receipt", "kernel.ApiKey", "kernel.Setting",
    "kernel.Endpoint", "kernel.Delivery", "platform.Brand", "platform.Domain", "auth.Permission", "auth.Group",
    "contenttypes.ContentType",
)  # fmt: skip
declare("admin.LogEntry", mentions="object_repr change_message", plain="action_time object_id action_flag")
declare("sessions.Session", staff="session_data expire_date")
declare("account.EmailAddress", staff="email verified primary")
declare("account.EmailConfirmation", staff="created sent key")
declare("mfa.Authenticator", staff="type data created_at last_used_at")
declare("axes.AccessFailureLog", mentions="username path_info",
        staff="user_agent ip_address http_accept attempt_time locked_out")  # fmt: skip
declare("axes.AccessAttempt", mentions="username path_info get_data post_data",
        staff="user_agent ip_address http_accept attempt_time failures_since_start")  # fmt: skip
declare("axes.AccessAttemptExpiration", plain="expires_at")
declare("axes.AccessLog", mentions="username path_info",
        staff="user_agent ip_address http_accept attempt_time logout_time session_hash")  # fmt: skip
