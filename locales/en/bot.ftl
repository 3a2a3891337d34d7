language-name = English
language-changed = The bot speaks English now
back = ‹ Back
cancel = Cancel
time-zone = MSK

bot-description =
    Tokens for pictures, Telegram Stars and Premium. Pay with Stars, by card or in crypto; one balance in all our bots.
bot-short-description = Tokens, Stars and Premium in one place
command-start = Open the shop
command-buy = Buy tokens
command-topup = Top up your balance
command-stars = Telegram Stars for you or a friend
command-premium = Premium for you or a friend
command-subscription = Plans
command-orders = Your Stars and Premium
command-promo = Enter a promo code
command-friends = Invite friends
command-balance = Balance and history
command-pricing = Prices
command-profile = Profile and language
command-help = What the bot can do
command-paysupport = Help with a payment
command-terms = Terms of sale

welcome =
    👋 Hello, <b>{ $name }</b>!

    Here you buy tokens and spend them on pictures, Telegram Stars and Premium. One balance works in all our bots.
menu =
    🛍 <b>Shop</b>

    Balance: <b>{ $balance }</b>
menu-buy = Buy tokens
menu-balance = Balance
menu-pricing = Prices
menu-profile = Profile
menu-help = Help
menu-news = News channel
news-required =
    📣 <b>One step before you shop</b>

    Join our news channel, then tap the button below.
news-not-yet = We don't see you in the channel yet. Join it, then tap again.
news-check = Done, I have joined
menu-admin = 🛠 Administration
menu-open = To the menu
menu-waiting = ⏳ <b>Not finished: { $what }.</b> You are { $sum } short
menu-waiting-enough = ⏳ <b>Not finished: { $what }.</b> There is enough money now.
menu-waiting-pay = Pay { $sum }
menu-waiting-go = Go on
menu-waiting-drop = Cancel
order-goes-on = You have enough now, carrying it out
order-dropped = Cancelled, nothing was charged
order-over-cancelled = Cancelled: { $what }. Nothing was charged for it.
order-over-expired = The time to pay is over: { $what }. Nothing was charged for it.
order-over-delivered = ✅ Paid: { $what }.

balance-title = 💰 <b>Your balance</b>
balance-reserved = reserved { $sum }
balance-part = ⏳ { $received } of { $asked } received: credited when the rest arrives
balance-part-some = ⏳ Part of { $asked } received: credited when the rest arrives
balance-waits = 💰 Waiting for you: { $sum }
price-and-roubles = { $tokens } and { $roubles }
balance-top-up = Buy tokens
balance-history = All operations
history-title = 🧾 <b>Operations</b>
history-empty = No operations yet. The first one appears when you top up.
history-line = { $date } · balance { $balance }
history-older = Older ›
history-newer = ‹ Newer
history-newest = ‹ Newest

operation-payment = Top-up
operation-generation = Picture
operation-stars = Stars
operation-premium = Premium
operation-telegram-gift = Telegram gift
operation-premium-for = { $months } months · { $who }
operation-tokens = Tokens
operation-subscription = Plan
operation-item = Item
operation-adjustment = Correction
operation-referral = Reward for a friend
operation-promo = Promo code
operation-refund = Refund
operation-refund-taken = Taken for a refund
operation-conversion = Exchange
operation-deposit = Transfer to the address
operation-entry = Operation of another bot
operation-hold = Reserved
operation-release = Reserve released

buy-packs =
    ⭐ <b>Tokens for Telegram Stars</b>

    One token costs { $rate }. Choose how many:
buy-price-changed = The price has changed. Please choose again.
buy-expired = This invoice is over an hour old and nothing was charged. Please choose again.
buy-already-paid = This one is paid. Choose a new pack to buy more.
buy-again = Buy { $credited } again
buy-invoice-description = { $tokens } for your balance. They are credited as soon as Telegram confirms the payment.
buy-invoice =
    ⭐ <b>{ $tokens } for { $stars }</b>

    Tap the button below to pay. The tokens arrive automatically, usually within seconds. The invoice is valid for an hour.

    Number: <code>{ $number }</code>
buy-pay = Pay { $stars }
checkout-unknown = We don't know this invoice. Please open /buy and choose a pack again. Nothing was charged.
checkout-subscribed = You have this plan already, and Telegram renews it. You were not charged.
checkout-already-paid = This invoice is paid already. Open /buy for a new one. Nothing was charged.
checkout-expired = This invoice is over an hour old. Open /buy for a new one. Nothing was charged.
checkout-later = We can't take payments for a moment. Please try again in a few minutes. Nothing was charged.
paid-notice =
    ✅ <b>{ $credited } credited</b>

    Balance: { $balance }. Number <code>{ $number }</code>
card-charge-unknown-notice =
    ⏳ <b>We do not know yet whether { $sum } was taken from the card •• { $digits }</b>

    We are asking the payment system. It will not be charged twice, and if the money was taken, it will come to your balance. Number <code>{ $number }</code>
card-not-charged-notice =
    ✅ <b>Nothing was taken from the card •• { $digits }</b>

    We have found out: { $sum } stayed with you. Number <code>{ $number }</code>
card-charged-notice =
    💳 <b>{ $credited } charged to the card •• { $digits }</b>

    Balance: { $balance }. Number <code>{ $number }</code>
paid-arrived = ✅ Payment received: { $stars }. We are adding it to your balance and will message you. Number <code>{ $number }</code>
paid-card = ✅ Paid: { $credited }. Number <code>{ $number }</code>
paid-card-again =
    ✅ Paid: { $credited }. Number <code>{ $earlier }</code>

    The same invoice was paid once more: another { $credited } credited. Number <code>{ $number }</code>
refunded-notice =
    ↩️ <b>{ $stars } returned to you by Telegram</b>

    Taken from the balance: { $taken }.

pricing-title = 🏷 <b>Token prices</b>
pricing-reference = A token costs { $buy }. When you pay for Stars or Premium with tokens, it counts as { $sell }.

profile =
    👤 <b>{ $name }</b>

    Your id: <code>{ $id }</code>
    { $level }
    Language of this bot:
profile-offer = Terms of sale
profile-privacy = Privacy policy

help =
    ❓ <b>What you can do here</b>

    /buy — buy tokens for Telegram Stars
    /topup — top up your balance by card, crypto or transfer
    /generate — a picture from your words, /images — your pictures
    /stars and /premium — Stars and Premium for you or any @username
    /orders — your Stars and Premium
    /subscription — plans
    /balance — your balance and every operation
    /promo — enter a promo code, /friends — invite friends
    /pricing — what tokens cost
    /profile — language, news and documents
    /terms — terms of sale
    /paysupport — when something is wrong with a payment

    Your money is safe: every payment is credited, even if you close the chat.
help-support = Write to support
support =
    🛟 <b>Support</b>

    Tell us your id <code>{ $id }</code> and, if it is about a payment, its number: /balance → “My payments”.
support-write = Write to support
terms =
    📄 <b>Terms of sale</b>

    Tokens are digital goods, credited right after payment. If something is not delivered, its price returns to your balance; support refunds Stars through Telegram.

unknown-command = I don't know this command. Open the menu: /start
unexpected-text = I did not understand that. If it is a question, pass it on to support: the answer comes here. Everything else is in the menu.
secret-edited = I don't read edited messages, so I deleted that one. Please send it again as a new message.
once-more = The bot was being updated, and your last step got lost. Please repeat it: nothing was charged.
stale-button = This screen is out of date. Please open the menu anew: /start
slow-down = That is a little too fast. Please wait ten seconds.
error-files-too-many = You can send { $most } files an hour. The next one can be sent in { $minutes } min.
failed = Something went wrong on our side, and we know about it. Please try again later: /start
health-ok = The bot works.

refund-usage = Use: /refund &lt;charge id&gt;. The charge id is in the payment's details in Telegram.
refund-not-found = This bot has no payment with this charge id.
refund-not-paid = This payment cannot be refunded: its state is { $state }.
refund-refused =
    ⚠️ Telegram refused the refund of <b>{ $stars }</b> to <code>{ $person }</code>: { $reason }

    The tokens are with the customer again. The refund can be repeated.
alert-ledger =
    ⚠️ <b>The ledger does not add up</b>

    Stop the sales and run <code>npm run doctor</code>: it names the wallets and assets.

alert-audit-log =
    ⚠️ <b>The audit log was changed</b>

    Somebody edited the lines <code>{ $lines }</code> in the database itself. Change its passwords, compare the log with a backup, and look at what admins did in those days.
alert-gains =
    ⚠️ <b>Some got out more than they put in</b>

    What they put in → what they got in Stars and Premium, roubles, over all time:
    { $people }

    Look at the history of each: discounts and bonuses that add up, or credits by hand, are the usual reason.

error-amount-invalid = “{ $text }” is not an amount. Write a number like 100 or 99.50.
error-amount-unclear = “{ $text }” reads two ways: { $small } or { $large }. Send it all again with the sum in plain digits: { $small } or { $large }.
sum-unclear = “{ $text }” reads two ways. Which sum do you mean?
error-amount-range = “{ $text }” is too large.
error-balance-insufficient = Your balance is too small for this. Top it up: /buy

text-usage =
    ✏️ <b>This bot's own words</b>

    /wording en.welcome shows a text
    /wording en.welcome Hi, {"{"} $name {"}"}! changes it in this bot
    /wording en.welcome - takes the change back

    Names: the keys of the files in locales/.
text-is =
    <code>{ $name }</code>

    <pre>{ $text }</pre>
text-set = ✅ The text <code>{ $name }</code> is changed in this bot.
text-reset = ✅ The text <code>{ $name }</code> in this bot is the common one again.
error-text-unknown = There is no text called “{ $name }”. Write it as language and key, like en.welcome.
error-text-variables = This text does not know { $unknown }. It may use: { $allowed }
error-text-broken = The words of “{ $name }” cannot be read: check the braces.
error-text-markup = This text stands { $place }, and Telegram would take “{ $piece }” for markup and refuse to show it. Take it out or close the tag; for a “less than” sign use “‹”.
error-text-no-markup = This text stands { $place }, where there is no markup, and people would see “{ $piece }” as it is. Take it out.
error-text-long = This text stands { $place }, where { $most } characters fit; with long values it has { $length }. Make it { $over } shorter.
text-place-message = in a message
text-place-caption = in the caption of a picture
text-place-key = on a button
text-place-alert = in the answer to a press
text-place-error = in an error's answer
text-place-checkout = in a refusal at payment
text-place-invoice = in the description of an invoice
text-place-command = in the menu of commands
text-place-about = in the bot's description
text-place-short = in the bot's short description
text-place-inline = in what the bot offers in other chats
command-admin = Run the shop
command-panel = Panel in a browser
command-find = Find a customer, an order, a payment
command-payments = Payments
command-requests = Requests to decide
command-stats = Statistics
command-health = How the shop is
command-adjust = Credit or debit
command-broadcast = Mailings
command-export = Exports
command-refund = Refund Stars by the number of the receipt
command-providers = Payment systems
command-wording = Change the words of the bot
inline-from = from { $price }
inline-key-good = Open
