admin-section-exports = 📄 Exports
export-title =
    📄 <b>Exports to CSV</b>

    The file comes here; you may close the chat.
export-transactions = Operations
export-people = Customers
export-payments = Payments
export-orders = Orders
export-broadcast = Results of a mailing
export-person = 📄 Operations as CSV
export-period = 📄 <b>{ $kind }</b>: of which time?
export-days-1 = A day
export-days-7 = 7 days
export-days-30 = 30 days
export-days-90 = 90 days
export-days-all = All the time
export-type = Kind: { $type }
export-queued = 📄 { $kind }: preparing the file…
export-progress = 📄 Preparing the file: { $rows } lines…
export-done = Lines: { $rows }
export-sent = ✅ { $name }: { $rows } lines
export-part = Part { $part } of { $parts } · lines: { $rows }
export-again = ⚠️ Sending was broken off: if a file with this number has come already, this one takes the place of it.
export-given-up = ⚠️ The file could not be made, its job waits among the failed jobs: /admin. You may ask for the export again.
job-export-run = Export
audit-export = exported
error-export-busy = An export of this kind is being made. Wait for its file.
