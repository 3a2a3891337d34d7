admin-title =
    🛠 <b>Administration</b> · { $bot }
    Your role: { $role }
admin-quiet = All quiet: nothing waits for your decision.
admin-waiting = { $section }: { $count }
admin-count-failed = cannot be counted now
admin-find = 🔎 Find
admin-section-waiting = ✋ To approve
admin-section-letters = ✉️ Failed jobs
admin-section-settings = ⚙️ Settings
admin-section-health = 🩺 Health
admin-section-journal = 📜 Audit log
admin-section-roles = 👮 Roles
admin-waiting-adjustments =
    { $count ->
        [one] { $count } correction waits for a second admin
       *[other] { $count } corrections wait for a second admin
    }
admin-waiting-letters =
    { $count ->
        [one] { $count } job was given up
       *[other] { $count } jobs were given up
    }
approve = Approve
decline = Decline

role-read-only = read-only
role-support = support
role-admin = admin
role-owner = owner

find-ask =
    🔎 <b>What are you looking for?</b>

    Send a customer’s id, name or @username, the number of an order or a payment, or the charge id on a receipt. You can also forward a message of theirs.
find-several = 🔎 Found for “{ $word }”:
find-nothing = 🔎 Nothing found for “{ $word }”. Try another name, id or number.
find-person = 👤
find-order = 📦
find-payment = 💳

person-since = With us since { $date } · language: { $language }
person-banned = ⛔ Banned { $date }: { $reason }
person-paid = 💳 Paid: { $sums }
person-orders =
    📦 { $good }: { $orders ->
        [one] { $orders } order
       *[other] { $orders } orders
    }, delivered { $delivered }, under way { $unfinished }
person-bot = { $bot } · last seen { $date }
person-bot-blocked = { $bot } · stopped the bot { $date }
person-credit = ➕ Credit
person-debit = ➖ Debit
person-history = 🧾 Operations
person-deals = 📦 Purchases
person-write = ✉️ Write
person-ban = ⛔ Ban
person-unban = Lift the ban
write-ask = ✉️ Write the message for <code>{ $id }</code>. The bot sends it as support.
written-by-support =
    🛟 <b>A message from support</b>

    { $text }
ban-ask = ⛔ Write why <code>{ $id }</code> is banned. They will read it; their money stays on the balance.
ban-admin = An admin cannot be banned: take the role away first.
ban-lifted = The ban is lifted.
banned = Access to the bot is closed.
banned-reason =
    ⛔ <b>Access to the bot is closed</b>

    Reason: { $reason }. The money on your balance is kept.

deals-title = 📦 <b>Orders and payments</b> · <code>{ $person }</code>
deals-empty = Nothing here yet for <code>{ $person }</code>.
deal-person = 👤 Customer
deal-story = 🧾 Technical log
story-title-order = order { $id }
story-title-payment = payment { $id }
story-title-person = customer { $id }
story-title-named = customer { $id } ({ $of })
story-title-update = update { $id } of { $of }
story-title-job = job { $id }
story-title-posting = posting { $id }
story-kind-order = order
story-kind-attempt = attempt
story-kind-payment = payment
story-kind-event = event
story-kind-refund = refund
story-kind-ledger = ledger
story-kind-job = job
story-kind-audit = admin
story-kind-update = update
story-kind-support = letter
story-order = { $id } made: { $good } for { $price }, customer { $person }, bot { $bot }{ $part }; now { $state }
story-part = , part of { $parent }
story-new = new
story-moved = { $id } { $from } -> { $to } by { $actor }{ $why }
story-noted = { $id } noted by { $actor }{ $why }
story-attempt = { $id } number { $number } asked of { $supplier }
story-attempt-ended = { $id } number { $number } { $state }{ $ref }
story-there = , there { $ref }
story-payment = { $id } made: { $sum } through { $way }, customer { $person }{ $ref }; now { $state }
story-paid = { $id } paid{ $came }
story-came = , came { $sum }
story-event = { $id } { $way } says { $kind } ({ $event })
story-refund = { $payment } asked by admin { $admin } ({ $id }){ $why }
story-refund-elsewhere = { $payment } not asked here ({ $id }){ $why }
story-refund-ended = { $payment } { $state }{ $why }
story-posting = { $reference } ({ $kind }): { $moves }
story-held = { $who } held
story-job = { $key } owed ({ $job })
story-job-ended = { $key } { $state }, queued { $count } times{ $why }
story-job-done = done
story-job-queued = queued
story-job-dead = given up
story-audit = { $action } by { $actor } on { $target } { $details }
story-nobody = nobody
account-sales = sales
account-adjustments = corrections
account-promo = promo
account-referral = rewards
account-affiliate = Telegram’s affiliates
account-stars-gifts = gifts and Premium from the bot’s Stars
account-stars-fees = Telegram’s fees
account-stars-withdrawn = Stars withdrawn
account-stars-other = other moves of Stars
account-conversion = exchange
account-suspense = suspense
account-shortfall = shortfall
account-provider = payment system
account-api = API
story-nothing = nothing
story-written = { $who }: { $text }
story-update = { $id } of { $bot } handled to the end
story-cut = (the first { $count } lines do not fit: npm run story shows them)
order-title = 📦 <b>{ $good }</b> · { $state }
order-attempt = Attempt { $number } · { $supplier } · { $state } · <code>{ $ref }</code>
payment-title = 💳 <b>{ $provider }</b> · { $state }
payment-sums = Asked { $asked }, credits { $credit }
payment-received = Received: { $sum }
payment-ref = Number in the payment system: <code>{ $ref }</code>
actor-person = customer
actor-admin = admin
actor-worker = worker
actor-upkeep = automatic check

state-draft = draft
state-awaiting-payment = awaiting payment
state-reserved = reserved
state-fulfilling = processing
state-delivered = delivered
state-expired = expired
state-cancelled = cancelled
state-failed = failed
state-unknown = being checked
state-review = under review
state-refunded = refunded
state-created = created
state-pending = pending
state-paid = paid
state-overpaid = overpaid
state-underpaid = underpaid

adjust-usage =
    Write: <code>/adjust id amount reason</code>

    The amount is signed and in tokens; another asset goes after it:
    <code>/adjust 1002 50 compensation for the outage</code>
    <code>/adjust @roman -99.50 RUB credited twice</code>
adjust-ask-up =
    ➕ <b>How much to credit</b> to <code>{ $id }</code>?

    The balance is { $balance }. Choose a step or type the amount.
adjust-ask-down =
    ➖ <b>How much to debit</b> from <code>{ $id }</code>?

    The balance is { $balance }. Choose a step or type the amount.
adjust-why =
    <b>{ $sum }</b> · <code>{ $id }</code>

    For what reason? The customer will read it. Choose one or type your own.
adjust-reason-compensation = Compensation
adjust-reason-bonus = Bonus
adjust-reason-mistake = Our mistake
adjust-reason-test = Test
adjust-confirm =
    <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Reason: { $reason }

    Before: { $before }
    After: { $after }
adjust-large = ✋ This is above your limit: a second admin decides.
adjust-do-up = Credit { $size }
adjust-do-down = Debit { $size }
adjust-ask-second = Ask a second admin
adjust-done = Done.
adjust-asked = Sent to a second admin.
adjust-declined = Declined.
adjust-command-done =
    ✅ <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Reason: { $reason }

    Before: { $before }
    After: { $after }
adjust-command-asked =
    ✋ <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Reason: { $reason }

    This is above your limit: it waits for a second admin, in “To approve” of /admin.
adjusted-up =
    ➕ <b>Credited: { $sum }</b>

    Reason: { $reason }. Balance: { $balance }.
adjusted-down =
    ➖ <b>Debited: { $sum }</b>

    Reason: { $reason }. Balance: { $balance }. If this is a mistake, write to us: /paysupport
adjust-decide = ✋ Decide
group-adjustment-done = ✅ Approved by { $name }
group-adjustment-declined = 🚫 Declined by { $name }
waiting-title = ✋ <b>Waiting for a second admin</b>
waiting-empty = ✋ Nothing waits for approval.
waiting-by = Asked by: <b>{ $by }</b>
waiting-yours = You asked for this: somebody else must approve it.
waiting-alone = There is no second admin. Add one in “Roles”, or raise the limit in the settings.
alert-adjustment =
    ✋ <b>A second admin is needed</b>

    { $sum } for { $name } (<code>{ $id }</code>), reason: { $reason }. Asked by <b>{ $by }</b>.
alert-minted =
    ⚠️ <b>The bot { $bot } gave away more than usual</b>

    { $sum } RUB appeared through it, the limit is { $limit } RUB. Corrections: { $adjustment } RUB, API keys: { $entry } RUB, codes: { $promo } RUB, requests: { $payment } RUB.

    It can be spent in every bot. The audit log says who did what: /admin
alert-decision-minted =
    ✋ <b>More than bot { $bot } may give away in a day</b>

    { $kind ->
        [request] A top-up request
        [promo] A promo code
        [credit] The credit of a payment
        [order] A refund of an order
       *[other] A correction
    } of { $sum } would take it beyond { $limit } in 24 hours. An admin of all bots must agree, or the limit in the settings must be raised. Asked by <b>{ $by }</b>. Decide: { $find }
alert-decision =
    ✋ <b>A second admin is needed</b>

    { $kind ->
        [refund] Stars given back
        [payback] A payment given back
        [order] An order given back
        [promo] Promo codes
        [credit] A payment credited by hand
       *[suspense] Money given from suspense
    }: { $sum }. <b>{ $by }</b> agrees. If you do, too, confirm the same within 24 hours: <code>{ $find }</code>
alert-payback-address =
    ↩️ <b>The customer named an address to return to</b>

    { $sum }, <code>{ $person }</code>. Check the address and send the money. The payment: <code>{ $find }</code>
alert-key-ends =
    🔑 <b>An API key is about to end</b>

    The key <code>{ $id }</code> of { $bot } works until { $until }. Make a new one and replace it: /admin
alert-list-open = All of them
alert-list = 🔔 <b>Alerts { $from }–{ $to } of { $count }</b>
alert-group =
    { $count ->
        [one] 🔔 <b>{ $count } event</b>
       *[other] 🔔 <b>{ $count } events</b>, the first of them:
    }
alert-digest = 📋 <b>What admins did in the last 24 hours</b>
alert-shared =
    👀 <b>Another owner's admin touched what your bot shares</b>

    { $who } (<code>{ $id }</code>), bot { $bot }: { $action } · { $target }
digest-acts = { $who } (<code>{ $id }</code>) · { $action }: { $count }
digest-credits = { $who } (<code>{ $id }</code>) · credited { $up }, debited { $down }

letters-title = ✉️ <b>Jobs that were given up</b>
letters-empty = ✉️ No job has failed.
letter-payload = This release does not understand the job's data. Replay it after an update.
letter-bot = This bot is not in the settings.
letter-network =
    The other service did not answer ({ $tries ->
        [one] { $tries } try
       *[other] { $tries } tries
    }). Replay it once the connection is back.
letter-tries =
    { $tries ->
        [one] It failed after { $tries } try.
       *[other] It failed after { $tries } tries.
    }
letter-refused = The other service refused.
letter-times = Created { $first }, stopped { $last }, runs: { $deliveries }
letter-money = A replay is safe: it does only what has not been done yet; nothing is charged twice.
letter-replay = 🔁 Replay
letter-settle = Settled
letter-replayed = The job is on its queue again.
letter-settled = Put away.
letter-gone = This job is not here any more.
job-telegram-update = Message to the bot
job-telegram-checkout = Check before a payment
job-telegram-inline = Offers in other chats
job-stars-paid = Credit of Stars
job-stars-refunded = Refund of Stars (notification)
job-stars-refund = Refund of Stars
job-notice-send = Message to a customer
job-admin-tell-alerts = Message to admins
job-upkeep-prove-ledger = Proof of the ledger
job-upkeep-reconcile-stars = Reconciliation of Stars

health-title = 🩺 <b>Health</b>
health-refresh = 🔄 Refresh
health-prove = 📐 Prove the ledger
health-part-failed = One of the parts does not answer
health-database = The database answers in { $ms } ms
health-outbox = Jobs owed: { $owed }, the oldest for { $age }
health-letters = Failed jobs: { $count }
health-queues = Queues ({ $kind }): the longest wait is { $age }
health-redis-away = Redis { $place } does not answer: its queues stand still, the others go on
health-queue = { $name }: { $waiting } waiting · { $active } active · { $delayed } delayed · oldest { $age }
queue-updates = Messages to the bot
queue-checkout = Checks before payment
queue-billing = Payments
queue-fragment = Orders of Stars and Premium
queue-images = Pictures
queue-notices = Messages to customers
queue-broadcasts = Mailings
queue-exports = Exports
queue-upkeep = Automatic checks
health-bot = { $who }: { $state }
health-bot-no-inline = { $who }: { $state } · inline mode is off; /setinline at @BotFather turns it on
health-ledger = The ledger adds up · { $date }
health-ledger-wrong = The ledger does NOT add up · { $date }. Stop the sales.
health-stars = The bot’s Stars: { $telegram }, the books agree with Telegram · { $date }
health-stars-differ = The bot’s Stars: { $telegram }, but { $books } by the books. They have differed since { $date }: compare with the bot’s list of Stars in Telegram.
health-unproven = The ledger has not been proven yet
health-proven = The ledger adds up: { $postings } postings.
bot-state-active = works
bot-state-paused = paused
bot-state-parked = Telegram refuses the token
duration-now = 0 s
duration-seconds = { $count } s
duration-minutes = { $count } min

journal-person = customer { $id }
journal-payment = payment { $id }
journal-broadcast = mailing { $id }
journal-export = export “{ $id }”
journal-fragment = Stars and Premium
journal-images = pictures
journal-job = job { $id }
journal-list-payments = the list of payments
journal-list-orders = the list of orders
journal-list-requests = the list of requests
journal-list-services = the list of services
journal-list-corrections = the list of corrections to approve
journal-list-mailings = the list of mailings
journal-list-roles = the list of roles
journal-list-people = the list of customers
journal-list-promo = the list of promo campaigns
journal-list-plans = the list of plans
journal-list-items = the list of goods
journal-list-categories = the list of categories
journal-list-letters = the list of failures
journal-list-audit = the audit log
journal-way-panel = the panel in a browser
journal-way-group = the group for alerts
journal-asked = asked by { $by }
journal-title = 📜 <b>Audit log</b>
journal-empty = There are no lines yet.
audit-panel-opened = opened the panel in a browser
audit-adjustment = made a correction
audit-adjustment-asked = asks for a correction
audit-adjustment-declined = declined a correction
audit-refund = refunded Stars
audit-person-banned = banned
audit-person-unbanned = lifted the ban of
audit-person-written = wrote to
audit-letter-replay = replayed a job
audit-letter-settle = put a job away
audit-role = changed a role
audit-setting-set = changed a setting
audit-setting-change = changed a setting
audit-text = changed the bot's wording
audit-key-created = issued an API key
audit-key-revoked = revoked an API key
audit-payment-unlisted-keep = left the tokens of an unconfirmed payment
audit-payment-unlisted-take = took the tokens of an unconfirmed payment
audit-payment-refund = refunded a payment
audit-promo-created = created a promo campaign
audit-request-approve = approved a request
audit-request-more = asked a customer for more about a request
audit-request-reject = rejected a request
audit-fragment-credentials = changed the credentials for the supplier
audit-bot-paused = paused a bot
audit-bot-active = let a bot work again
audit-bot-added = added a bot
audit-bot-removed = removed a bot
audit-bot-token = changed a bot's token
audit-bot-checked = had a bot's token checked
audit-order-delivered = decided: the order is delivered
audit-order-failed = decided: the order failed
audit-order-retry = repeated an order
audit-order-refund = gave the money for an order back
audit-badge-given = gave a badge
audit-badge-taken = took a badge back
audit-plan-created = made a plan
audit-plan-changed = changed a plan
audit-plan-retired = retired a plan
audit-plan-resold = sells a plan again
audit-item-created = made an item
audit-item-changed = changed an item
audit-item-retired = took an item off sale
audit-item-returned = put an item back on sale
audit-item-filled = filled an item
audit-item-refunded = gave the money for an item back
audit-service-taken = took a service
audit-service-delivered = did a service
audit-service-refused = refused a service, its money went back
audit-item-replaced = replaced a key that was sold
audit-category-created = made a category
audit-category-changed = changed a category
audit-category-retired = hid a category
audit-category-returned = brought a category back
audit-setting = changed a setting
audit-panel-file = saved a list as a file
audit-setting-undone = undid a setting

roles-title =
    👮 <b>Roles in the bot { $bot }</b>

    Owners by the settings of the deployment: { $owners }. Everybody else is appointed here.
roles-add = Appoint
roles-who = Send an id or a @name, or forward a message of theirs. They must have opened the bot once.
role-ask =
    👮 <b>{ $name }</b> <code>{ $id }</code>
    Role now: { $role }

    Read-only looks; support writes to customers and bans; admin moves money, mails and exports; owner also changes settings and roles.
role-take = Take the role away
error-role-self = You cannot change your own role.
role-changed = The role is changed.

settings-title =
    ⚙️ <b>Settings</b>

    They take effect at once, without a restart.
setting-now = Now in { $bot }: { $value } ({ $origin })
setting-from-bot = set for this bot
setting-from-all = set for all bots
setting-from-default = by default
setting-for-all = In the other bots: { $value }
setting-default = By default: { $value }
setting-none-all = as by default
setting-none-own = as in all bots
setting-only-all = One value for all bots.
setting-only-own = Every bot has its own.
setting-own-here = Only in { $bot }: { $names }.
setting-scope-all = All bots
setting-scope-own = Only { $bot }
setting-versions-all = History for all bots:
setting-versions-own = History for { $bot }:
setting-change-all = Change for all bots
setting-change-own = Change for { $bot }
setting-undo = ↩️ Undo the last change
setting-reset-all = Back to the default
setting-reset-own = As in all bots
setting-ask =
    ⚙️ <b>{ $title }</b> · { $scope }
    Now: { $value }

    { $form }
setting-form-integer = Write a whole number.
setting-form-integers = Write whole numbers separated by commas.
setting-form-flag = Write “yes” or “no”.
setting-form-text = Write the text.
setting-form-money = Write an amount, for example 99.50.
setting-form-amounts = Write amounts by asset: <code>TOK 1000, RUB 5000</code>. “—” removes all.
setting-form-choice = Write one of: { $options }.
setting-form-sums = Write sums in roubles separated by a comma and a space: <code>300, 500, 1000</code>.
setting-form-pairs = Write all the names with their numbers, separated as above by a comma and a space.
setting-form-texts = Write words or phrases, one a line. “—” removes all.
setting-form-decimal = Write a number, for example 1.755.
setting-form-alerts-group = The group is connected in the bot: Settings → Alerts. “—” disconnects it.
setting-form-terms = Write all the terms with their values, as above. For yes and no: ✓ and —.
setting-form-xp-rules =
    Write a rule on each line: what, in (received) or out (spent), asset, for every how much, XP.
    <code>payment in TOK 1: 10</code>
    <code>generation out RUB 10: 5</code>
setting-preview =
    ⚙️ <b>{ $title }</b> · { $scope }

    Before: { $before }
    After: { $after }
setting-save = Save
setting-saved = Saved.
setting-undone = Undone.
settings-group-tokens = 🪙 Tokens
settings-group-safety = 🛡 Limits
settings-group-friends = 🤝 Invitations
settings-group-levels = 🏆 Levels
settings-group-payments = 💳 Payments
settings-group-stars = ⭐ Stars, Premium
settings-group-images = 🎨 Pictures
settings-group-alerts = 🔔 Alerts
settings-group-words = 💬 Wording
setting-payments-presets = Top-up: sums on the buttons
setting-display-currency = Currency of the total
setting-display-currency-hint = The whole balance of a customer is shown in it; nothing is converted.
setting-exchange-rates = Rates in roubles
setting-exchange-rates-hint = What one unit of each asset counts in roubles: for totals, and for the limits of admins and keys.
setting-payments-second-admin-above = Requests: second admin from
setting-payments-second-admin-above-hint = A request by hand of this sum or more is approved by two admins.
setting-payments-confirm-above = Ask the payment system again from
setting-payments-confirm-above-hint = A signed webhook about less than this is believed as it is. 0 = always ask: test events are signed with the live key.
setting-referral-percents = Rewards by level, %
setting-referral-percents-hint = Of each payment: for the inviter, for the inviter's inviter, and so on.
setting-referral-hold-days = Days until a reward is paid
setting-referral-hold-days-hint = As long as a payment may still be refunded; Telegram returns Stars for 21 days.
setting-xp-rules = XP for payments and spending
setting-xp-rules-hint = Counts for what happens after the change.
setting-activity-xp = XP for activities
setting-activity-xp-hint = By kind of activity; * = every other kind.
setting-activity-xp-limit = Most XP for one activity
setting-level-base = XP from level 1 to level 2
setting-level-base-hint = Every further level takes that much more than the one before.
setting-levels-shown = Levels, badges and the leaderboard are shown
setting-levels-shown-hint = Off, and this bot’s customers do not see them; XP is counted all the same.
setting-alerts-group = Group for alerts
setting-payments-switched-off = Payment systems on and off
setting-paid-effect = Effect on the message about a payment
setting-paid-effect-hint = What flies over the chat when money is credited. Older apps show the message without it.
setting-payments-manual-requisites = Payment details for requests
setting-star-price = Price of a Star
setting-stars-for-sale = Packs of Stars
setting-premium-prices = Prices of Premium
setting-telegram-gift-prices = Prices of Telegram gifts
setting-premium-way = Where Premium is bought
setting-coin-rates = Rates of TON and USDT
setting-fragment-terms = Terms with the supplier
setting-picture-prices = Prices of models
setting-picture-models-hidden = Models for sale
setting-picture-limits = Limits per customer
setting-picture-words-refused = Refused words
setting-pictures-paused = Pause
setting-picture-credits-alert = Alert below, in units of the picture generator
setting-picture-credits-alert-hint = Admins are told when less is left on the account of the picture generator.
setting-texts = Own words of this bot
setting-stars-packs = Token packs for Stars
setting-stars-per-token = Stars for one token
setting-price-buy-rub = Token: price to buy
setting-price-sell-rub = Token: price when paying
setting-gains-above = Got out more than put in
setting-gains-above-hint = When somebody got Stars and Premium worth so much more than they put in, admins are told: looked at every hour, told once a day.
setting-second-admin-above = Second admin above
setting-second-admin-above-hint = A correction above this waits for a second admin.
setting-credits-per-day = An admin's credits per day
setting-credits-per-day-hint = One admin cannot credit more than this within 24 hours.

error-admin-role = Your role does not allow this.
error-admin-not-served = There is no such thing in the bots you serve.
error-admin-elsewhere = This customer also uses bots with other owners, and a ban holds in all of them. Ask an owner who serves every one of these bots.
error-admin-no-person = There is no “{ $id }”: they have not opened the bots yet.
error-admin-not-found = This is gone. Open /admin
error-admin-decided = This is decided already. Open /admin
error-admin-not-yours = This is another admin's draft.
error-admin-two-people = Another admin must approve this.
error-admin-minted = This owner’s bots have given away all they may in a day: { $limit } ₽. An admin of all bots may agree to more, or raise the limit in the settings.
error-admin-own-money = Another admin decides about your own money.
error-admin-invited = You invited this customer: another admin decides about their money.
error-promo-own = You made this code, or whoever invited you did: it is not for you.
admin-key-limits = up to { $entry } each, { $day } a day, until { $until }
decision-second-always = A discount code without a maximum (max) takes two: it is paused until another admin turns it on within 24 hours. If there is none, add one in “Roles” or make the code with max.
decision-second = This is too much for one admin: another must confirm the same within 24 hours. Where there is none, add one in “Roles” or raise the limit in the settings.
setting-minted-per-day = What a bot gives away in 24 hours
setting-minted-per-day-hint = What may appear in 24 hours through one owner’s bots by corrections, API keys, codes and requests. Beyond it an admin of all bots must agree, and API keys are refused.
setting-decision-second-above = Two admins decide above
setting-decision-second-above-hint = Refunds, codes and corrections worth more than this, in any currency by the reference rates, need a second admin.
setting-decisions-per-day = One admin's decisions in 24 hours
setting-decisions-per-day-hint = How much one admin alone may credit, debit, give back and give away by codes within 24 hours, all together. What is beyond needs a second admin.
setting-key-most-per-entry = API key: one entry
setting-key-most-per-entry-hint = A new key moves no more than this with one entry, unless it is made with another limit.
setting-key-most-per-day = API key: 24 hours
setting-key-most-per-day-hint = A new key moves no more than this within 24 hours, unless it is made with another limit.
error-admin-balance-short = The customer’s balance is smaller than that. Debit no more than it holds.
error-admin-daily-limit = This is more than one admin may credit in a day. The limit is in the settings.
error-admin-reason = Write a reason of up to 200 characters.
error-admin-message = Write a text of up to { $max } characters.
error-admin-is-owner = This is an owner by the settings of the deployment: their role does not change here.
error-setting-invalid = “{ $text }” does not fit. Look at the example above.
error-setting-most = “{ $text }” does not fit: the most here is { $most }.
error-setting-least = “{ $text }” does not fit: the least here is { $least }.
error-setting-invoice =
    { $own ->
        [0] {""}
       *[other] { $bot }:{" "}
    }The pack of { $pack } tokens would cost { $stars } Stars, and Telegram takes at most { $limit } for one invoice. { $most ->
        [0] No price of a token makes it fit.
       *[other] With this pack a token may cost at most { $most }.
    }
error-setting-round-trip = With these prices customers would earn by buying in a circle: { $in } Stars spent on tokens { $plan ->
        [none] {""}
       *[other] (with the plan { $plan }){" "}
    }and the tokens on Stars, with { $shares }% for inviters, come back as { $out }. Raise the price of a Star or the Stars for one token, lower what a token counts for, or lower the inviters' per cent.
error-setting-cheap-tokens = At { $price } ₽ a token is cheaper in this bot than what it counts for in another one, { $least } ₽, and tokens are spent in all bots. Set at least that.
error-setting-changed = Somebody changed the setting meanwhile. Open it again.
error-setting-all-bots = This takes effect in all bots, and some of them are not yours. An owner of every bot can change it, or an owner of the main one by the settings of the deployment.

admin-section-stats = 📊 Statistics
stats-title = 📊 <b>What to show?</b>
stats-revenue = Revenue
stats-ways = Revenue by method
stats-goods = Spending by product
stats-people = New customers
stats-conversion = Conversion
stats-sales = Sales
stats-queues = Queues
stats-revenue-title = Revenue, ₽
stats-ways-title = Revenue by payment method, ₽
stats-goods-title = What customers spent on, ₽
stats-people-title = New customers
stats-conversion-title = Newcomers who paid
stats-sales-title = Orders delivered
stats-queues-title = The longest wait
stats-days =
    { $days ->
        [365] year
       *[other] { $days } days
    }
stats-points = pp
stats-footer =
    { $days ->
        [365] a year
       *[other] { $days } days
    } · { $bot } · Moscow time
stats-now = now, seconds
stats-empty = Nothing happened in this time
stats-nothing-waits = Nothing waits
setting-payments-stars-wait-above = Stars: wait for Telegram's list above
setting-payments-stars-wait-above-hint = A payment above this is credited when Telegram's own list has it: usually within seconds. Smaller ones are credited at once and checked afterwards.
setting-payments-restored-per-day = Restored payments a day
setting-payments-restored-per-day-hint = How much one payment system may have credited in 24 hours under payment numbers of ours that the database does not know. After a restore from a backup that is normal, at any other time look closer. Above it the money waits for you. For example: RUB 5000, USDT 50
find-more = These are the first { $count }. Say more: first and last name, @name or id.
role-none = no role
role-same = They have this role already.
role-sure =
    👮 <b>{ $name }</b> <code>{ $id }</code> · bot { $bot }

    Before: { $before }
    After: { $after }
role-yes = Save
job-stars-arrived = News of a payment in Stars
job-upkeep-clean-up = Clean-up of old rows
job-upkeep-admin-digest = Digest for admins
job-upkeep-tell-others = Message to other owners
job-upkeep-close-bot = Closing a removed bot
job-upkeep-count-totals = Counting statistics
job-upkeep-find-gains = Looking for those who got more than they paid
job-upkeep-follow-ledger = Counting experience
job-upkeep-mark-places = Places on the leaderboard
job-upkeep-pay-referrals = Paying rewards for friends
job-upkeep-renew-subscriptions = Renewing plans
job-subscription-stop = The end of a plan's charges at Telegram
job-subscription-resume = A plan after a top-up
job-item-card = A service’s card
job-item-door = A place in a channel or group
job-telegram-chat = News of a channel or group
job-item-resume = An item after a top-up
job-upkeep-look-after-shelf = Stock of own goods
job-payment-check = Check of a payment
job-upkeep-compare-daily = Daily comparison of payments
job-payment-compare = Comparison of payments
job-payment-card = Card of a payment
job-upkeep-expire = Closing what expired
job-payment-charge = Charge of a kept card
job-payment-invoice = Making an invoice
job-payment-wallet = Permanent address
job-payment-webhook = Notice of a payment system
job-upkeep-poll-payments = Asking the payment systems
job-payment-refund = Refund
job-payment-refund-settled = Outcome of a refund
job-image-check = Check of a picture
job-image-next = Next picture
job-image-callback = Answer of the picture generator
job-image-send = Ordering a picture
job-image-resume = A picture after a top-up
job-image-show = Delivering a picture
job-image-watch = Watching the pictures
job-fragment-check = Check of an order at the supplier
job-fragment-decide = An admin's decision about an order
job-fragment-callback = Answer of the supplier
job-fragment-fulfil = Buying from the supplier
job-order-card = Card of an order
job-order-over = End of waiting for money
job-card-former = Keys of an older message
job-fragment-resume = An order after a top-up
job-fragment-watch = Watching the orders
audit-payment-give = credited what was held back
audit-payment-credit = credited what was promised
audit-payment-disown = closed a payment that is not ours
audit-payment-not-charged = said that a card was not charged
audit-payment-refund-address = asked the customer for an address
audit-payment-refund-happened = confirmed a refund
audit-payment-refund-not = said that a refund did not happen
journal-detail-as = now
journal-detail-audience = to whom
journal-detail-optOut = opt-out button
journal-detail-silent = silent
journal-detail-paid = paid
journal-detail-people = recipients
journal-detail-starsAtMost = Stars at most
journal-detail-language = language
journal-detail-activeDays = active, days
journal-detail-idleDays = idle, days
journal-detail-buyers = bought
journal-detail-tokens = tokens from
journal-detail-premium = Premium
journal-detail-tag = tag
journal-detail-notTag = not the tag
journal-detail-bots = bots
journal-detail-wanted = asks for
journal-detail-way = by
journal-detail-to = new value
journal-detail-from = before
journal-detail-options = options
journal-detail-address = address
journal-detail-role = role
journal-detail-job = job
journal-detail-for = for
journal-detail-badge = badge
journal-detail-words = words
journal-detail-key = key
journal-detail-plan = plan
journal-detail-value = value
journal-detail-amount = sum
journal-detail-asset = asset
journal-detail-attempt = attempt
journal-detail-username = name
journal-detail-bot = bot
journal-detail-shortfall = loss
journal-detail-days = days
journal-detail-kind = kind
journal-detail-params = parameters
journal-detail-method = way
journal-detail-person = customer
journal-detail-code = code
journal-detail-codes = codes
journal-detail-state = state
journal-detail-scope = where
journal-detail-recipients = recipients
journal-detail-personId = customer
journal-detail-telegramId = Telegram id
journal-detail-broadcastId = mailing
journal-detail-type = kind
journal-detail-fields = fields
journal-detail-added = added
journal-detail-doubles = doubles
journal-detail-bad = bad
journal-detail-under = inside
supplier-fragment = the Fragment supplier
supplier-star-gifts = the bot’s Stars
attempt-sent = sent
attempt-done = done
attempt-refused = refused
attempt-unknown = no answer
stats-all-bots = All bots together
stats-this-bot = Only { $bot }
stats-every-bot = all bots
stats-one-bot = bot { $bot }
stats-unfinished =
    { $days ->
        [365] by week
       *[other] today is hatched
    }
setting-undo-yes = Yes, undo
setting-reset-yes = Yes, reset
audit-fragment-stop = stopped the sale of Stars and Premium
audit-fragment-resume = resumed the sale of Stars and Premium
audit-images-pause = paused the pictures
audit-images-resume = resumed the pictures
audit-promo-paused = paused a campaign
audit-promo-resumed = resumed a campaign
letter-settle-ask =
    ✉️ <b>Put away the job “{ $job }”?</b>

    Before: not done, it can be replayed
    After: put away, it never runs again
letter-settle-yes = Yes, put it away

alerts-group-none = 🔔 Alerts come to each administrator personally.
alerts-group-on = 🔔 Alerts come by topics to the group <b>{ $title }</b>. A button that only decides or checks something acts right there, and the alert says who pressed it; any other button opens its page in the private chat of whoever pressed. A reply to a customer's question in the group goes to that customer.
alerts-group-ask = Send a link to any message of your group with topics. The bot @{ $bot } must be an administrator there who may manage topics: it makes five of them. Everybody in the group reads the alerts and the questions of customers, so let only administrators in.
alerts-group-off = Send them personally
alerts-group-opened = Opened in your private chat: @{ $bot }
alerts-topic-payments = Payments
alerts-topic-orders = Orders
alerts-topic-requests = Requests and decisions
alerts-topic-support = Customers' questions
alerts-topic-operations = Operations
error-alerts-forum = This is no group with topics. Switch topics on in its settings and send the link again.
error-alerts-not-yours = A group is connected by somebody who administers it.
error-alerts-rights = The bot could not make the topics. Make it an administrator who may manage topics and send the link again.
error-alerts-moved = The group became a supergroup, and its number is { $number } now. Send this number.
alerts-lost-rights = ⚠️ The bot may no longer write in topics of the group <b>{ $title }</b>: it lacks rights. Make it an administrator who may manage topics. Until then alerts come personally.
alerts-lost-forum = ⚠️ The group <b>{ $title }</b> has no topics any more. Switch them on in its settings, or disconnect the group. Until then alerts come personally.
alerts-lost-gone = ⚠️ The bot is no longer in the group <b>{ $title }</b>. Bring it back as an administrator who may manage topics, or disconnect the group. Until then alerts come personally.
alerts-lost-open = Group for alerts
error-group-role = Not sent: answering customers takes the role support, admin or owner.
error-group-stranger = Only administrators of this bot can do this. An owner gives roles: /admin → “Roles”.
error-group-anonymous = Not sent: you write anonymously or as a channel, so the bot does not know who you are. Answer under your own name, or tap a button below the message.
error-group-start = Open @{ $bot } and press Start: the bot cannot write to you before. Then try again.
error-group-old = Not sent: this message is more than 30 days old. Look the customer up with /find and write from their page.
error-group-nobody = Not sent: this message is not about one customer. Open what you need with a button below it and answer there.
error-group-kind = Not sent: customers get only words, a photo or a file.
error-group-elsewhere = Not sent: the customer writes to the bot { $bot }, and files do not pass from bot to bot. Send words.
error-group-blocked = Not sent: the customer has blocked the bot. An answer can go out once they are back.
