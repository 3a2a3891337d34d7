admin-section-broadcasts = 📣 Mailings
admin-waiting-broadcasts = Mailings that are paused: { $count }
broadcasts-title = 📣 <b>Mailings</b>
broadcasts-empty = 📣 There have been no mailings yet.
broadcast-new = ✍️ New mailing
broadcast-open = Open the mailing
broadcast-title-send = Mailing
broadcast-title-delete = Deletion everywhere
broadcast-title-edit = Edit everywhere
broadcast-state-draft = draft
broadcast-state-scheduled = scheduled
broadcast-state-running = running
broadcast-state-paused = paused
broadcast-state-done = done
broadcast-state-cancelled = cancelled
broadcast-sent-send = Sent { $count } of { $total }
broadcast-sent-delete = Deleted { $count } of { $total }
broadcast-sent-edit = Edited { $count } of { $total }
broadcast-others = Stopped the bot: { $blocked } · failed: { $failed } · unknown: { $uncertain }
broadcast-pace = { $rate } a second, about { $left } left
broadcast-paused-because = ⚠️ { $reason }
broadcast-reason-token = Telegram refuses the bot's token
broadcast-reason-no-source = the message to copy is gone from your chat with the bot: start a new mailing
broadcast-reason-no-stars = the bot has too few Stars: top it up or switch “paid” off
broadcast-reason-not-served = its recipients include customers of a bot that is not yours: leave that bot out
broadcast-reason-no-chat = you have not started one of the chosen bots: open it once and start again
broadcast-reason-too-old = some messages are older than 48 hours, and Telegram lets no bot delete those
broadcast-not-started =
    ⚠️ <b>The mailing did not start</b>

    It is a draft again, with the reason in it.
broadcast-waits =
    ⏸ <b>The mailing waits</b>: { $reason }

    The list of recipients is kept. Remove the cause and press “Resume”.
broadcast-fee = 💫 Telegram took { $stars } ⭐
broadcast-fee-most = 💫 Telegram takes up to { $stars } ⭐ for what is sent so far
error-broadcast-no-stars = Telegram takes up to { $needs } from { $bot }, which has { $has }. Top it up or switch “paid” off.
broadcast-delete-late = Telegram only deletes messages of the last 48 hours.
broadcast-at = Starts { $date }
broadcast-pause = ⏸ Pause
broadcast-resume = ▶️ Resume
broadcast-cancel = ⏹ Cancel
broadcast-edit = ✏️ Edit everywhere
broadcast-delete = 🗑 Delete everywhere
broadcast-resend = 🔁 Resend the unknown
broadcast-csv = 📄 Results as CSV
broadcast-changed = Done.
broadcast-changed-before = Another administrator has changed the mailing already. This is how it stands.
broadcast-resending =
    { $count ->
        [0] There are none.
       *[other] Resending: { $count }
    }
broadcast-delete-ask =
    🗑 <b>Delete the message everywhere?</b>

    { $count } customers got it. Telegram only deletes messages of the last 48 hours.
duration-hours = { $hours } h { $minutes } min

broadcast-content-ask =
    ✍️ <b>Send a message or an album</b> ({ $language })

    We copy it as it is: formatting, files and emoji.
broadcast-all-languages = all languages
broadcast-content-line =
    💬 { $language }: { $kind }{ $buttons ->
        [0] {""}
        [one] , { $buttons } button
       *[other] , { $buttons } buttons
    }
broadcast-kind-text = text
broadcast-kind-photo = photo
broadcast-kind-video = video
broadcast-kind-animation = GIF
broadcast-kind-document = file
broadcast-kind-audio = music
broadcast-kind-voice = voice message
broadcast-kind-sticker = sticker
broadcast-kind-video-note = video note
broadcast-kind-album = album of { $count }
broadcast-audience = 👥 To: { $audience }
broadcast-count =
    📨 { $about }{ $count ->
        [one] { $count } recipient
       *[other] { $count } recipients
    }, takes about { $time }
broadcast-when = 🕒 Start: { $when }
broadcast-at-once = at once
broadcast-price = ⭐ Paid: up to { $about }{ $stars } of the bot's balance
broadcast-album-hint = Telegram allows no buttons below an album.
broadcast-preview = 👁 Show it to me
broadcast-test = 🧪 To all admins
broadcast-rewrite = ✍️ Rewrite
broadcast-buttons = 🔗 Buttons
broadcast-in-ru = Russian version
broadcast-in-en = English version
broadcast-whom = 👥 To whom
broadcast-time = 🕒 When
broadcast-option-silent = Silent
broadcast-option-optout = Opt-out button
broadcast-option-paid = Paid: up to 1000 a second
broadcast-start = Start
broadcast-start-send = Start for { $count }
broadcast-start-edit = Edit for { $count }
broadcast-start-delete = Delete for { $count }
broadcast-many = ❗️ That is a lot of recipients: { $count }. Check it once more: what they have seen cannot be taken back.
broadcast-many-yes = Yes, checked: { $count }
broadcast-drop = 🗑 Discard
broadcast-shown = Shown to you
broadcast-tested = Sent to admins: { $count }
broadcast-tested-some = Sent to admins: { $count } of { $total }. The others have not started the bot or have blocked it.
broadcast-buttons-ask =
    🔗 <b>Send the buttons</b>, a row on each line:

    <code>Open the shop - https://example.com</code>
    <code>Channel - https://t.me/a | Chat - https://t.me/b</code>

    “—” removes them.
broadcast-when-ask =
    🕒 <b>When to start?</b> (Moscow time)

    <code>18:30</code> · <code>24.12 18:30</code> · <code>+2h</code> · <code>+30m</code>
broadcast-paid-hint = 0.1 Star a message, up to 1000 a second. The bot has { $stars }. Telegram allows it to large bots.
error-broadcast-nobody = Nobody fits these rules.
error-broadcast-draft-changed = The draft has changed since you opened this page. Have a look and start again.
error-broadcast-grown = There are many more recipients now: { $count }. Check them and start again.
mailings-off = No more mailings
mailings-are-off = This bot sends you no more mailings. Messages about your payments and orders still come.
mailings-on = Send me news again
mailings-are-on = You get this bot’s news again.

audience-about = about
audience-guessed = Counted in a sample: the true number is most likely within { $off } of this. You see the exact one before the start.
audience-none-guessed = Counted in a sample, in which nobody fits: most likely there are no more than { $off }. You see the exact number before the start.
audience-title =
    👥 <b>To whom</b>

    { $audience }
    That is { $about }{ $count ->
        [one] { $count } customer
       *[other] { $count } customers
    } now. Those who stopped the bot or turned mailings off are not counted.
audience-all = everybody
audience-any = any
audience-yes = yes
audience-no = no
audience-language = Language
audience-activedays = Active within, days
audience-idledays = Not seen for, days
audience-buyers = Has bought
audience-tokens = Tokens from
audience-premium = Premium
audience-tag = Tag: { $tag }
audience-nottag = Except the tag: { $tag }
audience-not-last = Except the last mailing
audience-tag-ask = Send the tag of the link (?start=<b>tag</b>) that customers came by. “—” removes it.

broadcast-report-send =
    📣 <b>The mailing is done</b>

    Sent { $sent } of { $total } in { $minutes ->
        [0] less than a minute
       *[other] { $minutes } min
    }
    Stopped the bot: { $blocked } · failed: { $failed } · unknown: { $uncertain }
broadcast-report-delete =
    🗑 <b>The deletion is done</b>: { $sent } of { $total }, failed { $failed }{ $late ->
        [0] {""}
       *[other] , { $late } of them because they are older than 48 hours: Telegram lets no bot delete those
    }
broadcast-report-edit =
    ✏️ <b>The edit is done</b>: { $sent } of { $total }, failed { $failed }
job-broadcast-start = Start of a mailing
job-broadcast-close = End of a mailing
job-broadcast-send = Mailing
audit-broadcast-start = started a mailing
audit-broadcast-pause = paused a mailing
audit-broadcast-resume = resumed a mailing
audit-broadcast-cancel = cancelled a mailing
audit-broadcast-resend = resent the unknown
audit-broadcast-delete = deletes a mailing everywhere
audit-broadcast-edit = edits a mailing everywhere
error-broadcast-content = A message of this kind cannot be mailed. Send text, a photo, a video, a file or an album.
error-broadcast-away = The bot could not write to you. Open its chat, write /start and try again.
error-broadcast-buttons = I do not understand “{ $line }”. Write: Text - https://link
error-broadcast-time = I do not understand the time, or it has passed. For example: 18:30 or +2h
error-broadcast-tag = A tag is Latin letters, digits, _ and -.
error-broadcast-started = This mailing is no draft any more. Open it in the list: /broadcast
error-broadcast-edit-kind = This cannot be swapped: text can only become another text, and a photo, a video, a file or music one of these.
error-broadcast-album-size = The album that was sent has { $count } parts: send the same number.
error-broadcast-caption = The caption is too long: up to { $max } characters fit.
broadcast-cancel-ask =
    ⏹ <b>Cancel the mailing?</b>

    Sent { $count } of { $total }. The others will not get it, and it cannot be resumed.
broadcast-cancel-yes = Yes, cancel the mailing
error-broadcast-not-shown = The bot could not send you the text, so nothing is saved. Open the chat with the bot and try again.
broadcast-drop-ask =
    🗑 <b>Discard the draft?</b>

    Before: a draft that nobody has got yet
    After: gone; it can only be written again
broadcast-drop-yes = Yes, discard the draft
broadcast-resend-ask =
    🔁 <b>Send it again?</b>

    Before: nobody knows whether it arrived ({ $count })
    After: sent again; whoever has it already gets it twice
broadcast-resend-yes = Yes, send it again: { $count }
