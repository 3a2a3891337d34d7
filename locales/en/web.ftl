menu-web = 🛍 Open the shop
menu-web-short = Shop

error-web-request = Something in the page’s request is wrong. Reload the page and try again.
error-web-too-long =
    That is too long: up to { $most } { $most ->
        [one] character fits
       *[other] characters fit
    } here.
error-web-too-large =
    That is too much at once: a request holds up to { $most } { $unit ->
        [mb] MB
       *[kb] KB
    }. Nothing was done; choose less.
error-web-forged = Telegram does not confirm that it was you who opened this page. Open the shop from the chat with the bot.
error-web-stale = The page was opened too long ago. Close it and open it again from the chat with the bot.
error-web-used = This link has already been used. Close the page and open the shop again from the chat with the bot.
error-web-over = Your session has ended. Close the page and open the shop again from the chat with the bot. Your money and orders are safe.
error-web-banned =
    The shop is closed to you. { $reason }
error-web-paused = The bot is paused. Your balance is safe and works in our other bots.
error-web-closed = This bot is closed. Your balance is safe and works in our other bots.
error-web-news = To buy, subscribe to our news channel: the chat with the bot has the button.
error-web-unknown = There is nothing here. The link may be out of date.
error-web-often = Too fast. Wait a few seconds.
error-web-failed = Something broke on our side, and we know about it. If you have paid, the money is not lost: look at your history.
error-web-away = The shop is away for a moment. Nothing is lost, try again in a minute.
error-web-price = The price changed while the page was open. Here is the new one; nothing was charged.
error-web-invoice-over = This invoice is paid or out of date. Choose the pack again.
error-web-method = This way to pay is switched off right now. Choose another one.
error-web-sum = This way you can pay from { $min } to { $max }.
error-web-address = There are no addresses for this coin and network now. Choose another.
error-web-model = This model or shape is not available right now. Choose another one.
error-web-no-chat = The bot cannot write to you. Press “Start” in the chat with it and come back.
error-web-proof-file = A receipt is a picture (JPEG, PNG, WebP, HEIC) or a PDF of up to 10 MB.
error-web-proofs-full = Nothing more can be added to this request: it has enough receipts and notes. An admin will check them.
error-web-request-moved = This request has already been decided. Reload the page.
web-answer-caption = 📷 The photo for “{ $name }”
web-source-caption = 🖼 The photo that the picture is drawn from
error-web-photo-file = Send a photo: a JPEG or PNG of up to 10 MB.
error-web-file-in-chat = This file can only be had in the chat with the bot: press “See the purchase” there.
web-proof-caption = 🧾 The receipt for request { $number }
error-web-check-wait = Checked a moment ago. You can ask once every { $seconds } s.

panel-section = 🖥 Panel in a browser
panel-link =
    🖥 <b>Panel in a browser</b>
    Lists, search and charts on a large screen. The link opens once and is valid for { $seconds } s; do not forward it to anybody.
panel-no-address =
    🖥 <b>Panel in a browser</b>
    The shop has no address: set PUBLIC_URL with https, and the panel appears.
panel-open = Open the panel
panel-copy = Copy the link
panel-new = New link
panel-end = Close everywhere
panel-confirm-ask =
    🔐 <b>Is it you at the panel?</b>
    { $browser }, open since { $since }. Somebody there is about to move money or change settings. Your yes is valid for 10 minutes.
panel-confirm-yes = Yes, it is me
panel-confirm-no = Not me, close the panel
panel-confirmed = ✅ Confirmed for 10 minutes. Go back to the browser: it goes on by itself.
panel-over = That panel is already closed. Open it again: /panel
panel-closed =
    { $count ->
        [0] The panel was not open anywhere.
       *[other] The panel is closed in every browser.
    }

error-panel-link = This link was used already or has expired. Send the bot /panel for a new one.
error-panel-over = You are signed out of the panel. Send the bot /panel and open the new link.
error-panel-role = You have no role in this bot any more. An owner can give you one.
error-panel-elsewhere = This request did not come from the panel’s own page, so nothing was done.
error-panel-confirm = Confirm in the chat with the bot that it is you.
error-panel-asked = The bot has just asked you in the chat. Answer it, or wait for 20 seconds.

panel-orders = 📦 Orders
panel-people = 👥 Customers
panel-column-sum = Sum
panel-column-provider = Method
panel-column-method = Method
panel-column-state = State
panel-column-person = Who
panel-column-username = Telegram name
panel-column-id = ID
panel-column-bot = Bot
panel-column-at = When
panel-column-number = Number
panel-column-good = Good
panel-column-since = First seen
panel-column-seen = Last seen
panel-column-source = Source
panel-column-job = Job
panel-column-why = Why
panel-column-tries = Runs
panel-column-reason = Answer
panel-column-cause = Reason
panel-column-who = Who
panel-column-act = Did what
panel-column-target = To what
panel-column-details = Details
panel-column-credit = To credit
panel-column-booked = Booked
panel-column-suspended = Waits for a decision
panel-column-invoice = Number at the payment system
panel-column-proof = Proof
panel-column-files = Files
panel-column-twins = Shown by others, too
panel-files =
    { $count ->
        [one] { $count } file: look at it in the chat with the bot
       *[other] { $count } files: look at them in the chat with the bot
    }
panel-filter-person = ID of a customer
panel-filter-actor = ID of an admin
panel-filter-target = About: ID, number of an order, payment
panel-banned = banned
panel-blocked = stopped the bot
panel-approve-ask = Credit the chosen requests? You have looked at their proofs.
panel-correction-ask = Make the chosen corrections? The money comes to the balances, or leaves them, at once.
panel-correction-done = Done.
panel-settle-ask = Put the chosen jobs away without doing them? They will not run again.
panel-credited = Credited.
panel-declined = Declined, the customer was told why.
panel-letter-replay = Runs once more.
panel-letter-settle = Put away.
panel-ban-done = Access is closed.
panel-refund-in-chat = The money goes back to an address that the payer gives the bot. That is done in the chat with the bot, where the address is checked and shown.
error-panel-filter = The list cannot be shown with this filter. Check it.
error-panel-decided = This has already been decided: somebody was faster.
error-panel-in-chat = The money goes back to an address that the payer gives the bot. That is done in the chat with the bot, where the address is checked and shown.
error-panel-admin = An admin cannot be banned. Take their role away first.
panel-column-name = Name
panel-column-gives = Gives
panel-column-uses = Used
panel-column-left = Left
panel-column-until = Until
panel-column-days = Days
panel-column-tokens = In tokens
panel-column-stars = In Stars
panel-column-back = Comes back
panel-column-subscribers = Subscribers
panel-column-sort = Kind
panel-column-under = Inside category
panel-column-price = Price
panel-column-free = In stock
panel-column-bots = Where
panel-column-text = Text
panel-column-progress = Sent
panel-column-missed = Not delivered
panel-column-pace = Pace
panel-column-role = Role
panel-column-given = Given by
panel-column-asked = Asked by
panel-column-taken = Taken by
panel-paused = paused
panel-works = works
panel-retired = off sale
panel-by-settings = by the settings of the deployment
panel-retire-ask = Take the chosen ones off sale? What was bought stays with the customers.
panel-cancel-ask = End the chosen mailings for good? Whoever has not got the message yet never will.
panel-take-ask = Take the roles away? Their panels close at once.
error-panel-moved = This has already been done: somebody was faster.
error-panel-file = Your last file is still being saved. Wait for it.
panel-refund-ask = Return the money of the chosen payments? What was credited for each is taken from its customer, as far as it is still there. How much of it was spent is said on the page of the payment.
panel-stats-revenue = Revenue
panel-stats-revenue-hint = Everything credited; tokens count at their price. Today is not over yet.
panel-stats-ways = Revenue by payment method
panel-stats-ways-hint = Which way the money came in.
panel-stats-goods = Spending by product
panel-stats-goods-hint = What people spent on orders that were delivered, and on plans.
panel-stats-average = Average payment
panel-stats-average-hint = The sum of one payment.
panel-stats-margins = Margin
panel-stats-margins-hint = Delivered Stars and Premium whose cost is known: the price minus what the supplier asked when the order was made. Discounts, shares for inviters and fees of payments are not taken off.
panel-stats-people = New customers
panel-stats-people-hint = Who opened the bot for the first time.
panel-stats-conversion = Conversion
panel-stats-conversion-hint = How many of the newcomers of each day have paid so far.
panel-stats-sales = Sales
panel-stats-sales-hint = Orders that were delivered.
panel-stats-funnel = Funnel
panel-stats-funnel-hint = What the newcomers of this period have done so far: from the first Start to the second purchase.
panel-stats-cohorts = Retention
panel-stats-cohorts-hint = By the week in which people came: how many of them bought in each of their own weeks since. The plot shows all weeks together.
panel-stats-sources = Sources
panel-stats-sources-hint = Tags of links, ?start=: who came by them in this period, and what people who came from there paid in it.
panel-stats-now = this period
panel-stats-before = the previous one
panel-stats-week = week { $number }
panel-stats-all-cohorts = all weeks together
panel-stats-no-tag = without a tag
panel-funnel-came = Pressed Start
panel-funnel-paid = Paid
panel-funnel-bought = Bought
panel-funnel-again = Bought again
panel-column-step = Step
panel-column-now = This period
panel-column-before = Previous period
panel-column-of-came = Of all
panel-column-of-last = Of the previous step
panel-column-came-from = Week from
panel-column-came = Came
panel-column-revenue = Revenue
panel-column-day = Day
panel-column-share = Share
error-panel-form = Some fields do not match. Check them: one is not needed or is written in another way.
panel-column-margin = Margin
panel-column-sold-for = Sold for
panel-column-cost = Cost
panel-column-of-price = Of the price
error-panel-range = “{ $field }”: from { $min } to { $max }.
error-panel-field = Check the field “{ $field }”: it is empty, or its value does not fit.
error-panel-all-bots = This would take effect in all bots, and some of them are not yours. Choose a bot of yours.
error-panel-same = You have changed nothing.
error-panel-changed = Somebody has changed this since you opened the page, so nothing was saved. Open the page again.
panel-yes = yes
panel-no = no
panel-was = Now
panel-becomes = After
panel-changes = What changes
panel-until-hint = The last day is included, Moscow time.
panel-to-person = ‹ To the customer
panel-to-roles = ‹ All roles
panel-to-promo = ‹ All promo codes
panel-to-plans = ‹ All plans
panel-to-items = ‹ All items
panel-to-item = ‹ To the item
panel-to-mailings = ‹ All mailings
panel-to-mailing = ‹ To the mailing
panel-mailing-hint = The bot sends every new text to your chat: that is how people will see it. Bold type, pictures and albums are added there, in /broadcast.
panel-mailing-words = For everybody whose language has no text of its own below. Up to 4096 characters.
panel-mailing-media = This is a file or an album from the chat now. Write a text to replace it.
panel-mailing-keys = One row per line: Open the shop - https://example.com. “|” separates two buttons in a row.
panel-mailing-bots = Separated by commas: { $bots }. Somebody who is in several of them gets it once.
panel-mailing-tag = The tag of the link that people came by: ?start=tag.
panel-mailing-paid = Up to 1000 messages a second for 0.1 Stars each from the bot’s balance.
panel-mailing-when = Empty means at once. 18:30, 24.12 18:30 or +2h, Moscow time.
panel-mailing-shows = 👁 When you save, the bot sends the new text to your chat.
panel-mailing-save = Save the draft
panel-mailing-saved = The draft is saved. See how it looks in the chat with the bot.
panel-mailing-edit = ✍️ Change
panel-mailing-test = 👁 Show it in Telegram
panel-mailing-test-hint = The bot sends the real message with its buttons, just as everybody will get it.
panel-mailing-to-me = to me only
panel-mailing-to-all = to all admins of the bot
panel-mailing-test-do = Show it
panel-mailing-start = Start the mailing
panel-mailing-started = The mailing is started. The list shows how it goes.
panel-mailing-test-look =
    { $count ->
        [one] { $count } admin gets it.
       *[other] { $count } admins get it.
    }
panel-adjust = Correct the balance: { $name }
panel-adjust-hint = The customer gets a message with the sum and the reason. Above your limit a second admin decides.
panel-adjust-up = credit
panel-adjust-down = debit
panel-adjust-reason = The customer reads it.
panel-adjust-do = Correct the balance
panel-adjusted = Done: { $sum } · { $name }
panel-adjust-waits = { $sum } · { $name }: sent to a second admin.
panel-role = Give a role in the bot { $bot }
panel-role-hint = Read-only sees; support writes to customers and bans; admin has money, mailings and exports; owner has settings and roles as well.
panel-role-who = An id or a @name. They must have opened the bot once.
panel-role-do = Give the role
panel-promo-new = New promo code
panel-promo-value = A sum, a percentage or a number of days, depending on what the code gives.
panel-promo-one = one, with your own word
panel-promo-many = many, made up by the bot
panel-promo-code = 3 to 40 characters: letters, digits, dashes. Case does not matter.
panel-promo-codes = Up to 50,000. A file with them is saved as soon as they are there.
panel-promo-name = Only admins see it. Optional.
panel-promo-made =
    { $codes ->
        [one] { $codes } promo code is ready.
       *[other] { $codes } promo codes are ready.
    }
panel-plan-hint = A plan is the same in all bots. Subscribers renew on the terms they agreed to, or on the new ones where those are better for them.
panel-plan-code = Letters, digits and dashes, up to 32. It cannot be changed later.
panel-plan-tokens = Empty: not sold for tokens.
panel-plan-stars = Empty: not sold for Stars. Only plans of 30 days can be.
panel-plan-discount = What percentage of each purchase the subscriber gets back.
panel-item-price = With its currency: 500 RUB, 20 TOK, 0.5 TON.
panel-item-bots = Names separated by commas, or all.
panel-item-low = The bot reminds you when only this many keys are left.
panel-item-until = A whole day, or a minute: 2027-02-28 18:00. Moscow time.
panel-item-more = Anything else, a line for each field as in the chat: price-vip: 400 is a price of its own in the bot vip.
panel-stock-hint = One key per line. Duplicates and empty lines are skipped, and you are told which.
panel-stock-look =
    { $count ->
        [one] { $count } line.
       *[other] { $count } lines.
    }
panel-content-hint = Every customer gets it, up to 3,000 characters. Whoever bought it earlier sees the new one, too.
panel-file-hint = A file of up to 20 MB. Customers of all bots get it from the bot; whoever has bought it before gets the new one. A larger file is sent to the bot in the chat.
panel-file-caption = 📎 The file of “{ $name }”
panel-chat-hint = Make { $bot } an admin of the private channel or group, with the rights to invite by link and to ban members. Then paste a link to any message in it, like https://t.me/c/1234567890/15. Customers ask to join, and the bot lets in only those who have paid.
panel-item-days = For how many days; empty = for ever.
panel-no-category = None
panel-category-new = New category
panel-category-ask = Take the chosen categories off sale? What is in them disappears from the shelf; what was bought stays with the customers.
panel-to-categories = ‹ All categories
panel-item-new = New item
panel-plan-new = New plan
panel-role-new = Give a role
panel-field-direction = What to do
panel-field-sum = Sum
panel-field-asset = Currency
panel-field-reason = Reason
panel-field-who = Whom
panel-field-role = Role
panel-field-promo = What it gives
panel-field-value = How much
panel-field-many = How many codes
panel-field-code = Code
panel-field-codes = Number of codes
panel-field-uses = How many times each works
panel-field-product = What the discount is for
panel-field-plan = Plan
panel-field-bot = In which bot
panel-field-per = How many times per customer
panel-field-first = First purchase only
panel-field-min = Top-ups from
panel-field-max = Bonus up to
panel-field-from = From which day
panel-field-until = Until which day
panel-field-name = A name for your own use
panel-field-ru = Name in Russian
panel-field-en = Name in English
panel-field-days = Days
panel-field-tokens = Price in tokens
panel-field-stars = Price in Stars
panel-field-discount = Cashback, %
panel-field-pictures = Pictures at once
panel-field-kind = Kind of item
panel-field-price = Price
panel-field-ru-text = Description in Russian
panel-field-en-text = Description in English
panel-field-bots = Bots
panel-field-limit = At most per customer
panel-field-low = Warn when this few are left
panel-field-category = Category
panel-field-under = Inside category
panel-field-chat = Channel or group
panel-field-picture = Picture, an https address
panel-field-more = More
panel-field-lines = Keys
panel-field-content = Text
panel-field-words = Text
panel-field-words-ru = Text in Russian
panel-field-words-en = Text in English
panel-field-keys = Buttons
panel-field-to-bots = By which bots
panel-field-to-language = Language
panel-field-to-activedays = Active in the last days
panel-field-to-idledays = Not seen for days
panel-field-to-buyers = Have bought
panel-field-to-tokens = Tokens on the balance from
panel-field-to-premium = Telegram Premium
panel-field-to-tag = Came by the tag
panel-field-to-nottag = Except those who came by the tag
panel-field-to-notlast = Except those who got the last mailing
panel-field-silent = Without sound
panel-field-optout = A button “No more mailings”
panel-field-paid = Paid and fast
panel-field-start = When to start
panel-field-whom = Whom to show it
