menu-stars = ⭐ Stars
menu-premium = 💎 Premium
menu-telegram-gift = 🎁 Gifts

sale-whom-stars =
    ⭐ <b>Telegram Stars</b>

    Delivered to any account by its <code>@username</code>, usually within 1–3 minutes. Who are they for?
sale-whom-premium =
    💎 <b>Telegram Premium</b>

    A gift to any account by its <code>@username</code>, usually within 1–3 minutes. Who is it for?
sale-whom-telegram-gift =
    🎁 <b>Telegram gift</b>

    It appears on the recipient's profile, given by this bot. The recipient must have opened this bot at least once. Who is it for?
sale-self = For me
sale-other = For somebody else
sale-names =
    👤 <b>Who is it for?</b>

    Send an <code>@username</code> or a t.me link. For several recipients, separate them with commas, up to 10: each gets a delivery of their own.
sale-contacts-ask = 👇 Or choose from your contacts
sale-contacts = 👥 Choose from contacts
sale-contacts-picked = 👤 Chosen: { $names }
reply-keys-closed = Contacts are closed.
sale-choose-stars = How many Stars?
sale-choose-premium = For how long?
sale-choose-telegram-gift = Which gift?
sale-already-premium = has Premium already: it will be extended
sale-final = { $count ->
    [one] Check the recipient: this cannot be undone.
   *[other] Check the recipients: this cannot be undone. Each gets as much as you choose.
}
sale-pack = { $count } · { $price }
sale-term = { $months ->
    [one] { $months } month
   *[other] { $months } months
} · { $price }
sale-telegram-gift = { $gift } · { $price }
sale-term-buy = Buy Premium
sale-own = Another amount
sale-quantity =
    🔢 <b>How many Stars?</b>

    Send a number from 50 to 1,000,000, digits only.
sale-price = Price: <b>{ $sum }</b>
sale-plan-back = Your plan returns { $sum } at once.
sale-after = Left afterwards: { $balance }
sale-short = Your balance is too low. Pay the difference and we will carry out the order at once.
sale-buy = Buy for { $sum }
sale-buy-short = Pay { $sum } more and buy
sale-accepted = Accepted
sale-cancelled = The order is cancelled, nothing was charged
sale-top-up =
    ➕ <b>You are { $sum } short</b>

    Pay just the difference. The order continues automatically as soon as the money arrives. We keep it for a day.

    Order <code>{ $number }</code>
sale-top-up-stars = { $parts ->
    [1] Pay { $sum }
   *[other] Pay { $sum } · 1 of { $parts } payments
}
sale-top-up-other = Top up { $sum }

order-title-stars = ⭐ <b>{ $count ->
    [one] { $count } Star
   *[other] { $count } Stars
}</b>
order-title-premium = 💎 <b>Premium for { $count ->
    [one] { $count } month
   *[other] { $count } months
}</b>
order-title-telegram-gift = <b>{ $gift } Telegram gift</b>
order-for = For: { $recipient }
order-price = Price: { $sum }
order-number = Order <code>{ $number }</code>
waiting-stars = { $count ->
    [one] { $count } Star
   *[other] { $count } Stars
}
waiting-premium = Premium for { $count ->
    [one] { $count } month
   *[other] { $count } months
}
waiting-telegram-gift = { $gift } Telegram gift
order-open = Open the order
order-awaiting = ⏸ Waiting for a top-up. Nothing was charged for the order; it continues automatically once there is enough.
order-reserved = ✅ Accepted, the money is reserved
order-next = ⏳ Handing over for delivery
order-step-sending = Sending
order-step-accepted = Accepted for delivery
order-step-confirming = Confirming on the TON network
order-promise = Usually 1–3 minutes. You may close the chat: we will write to you.
order-unknown = 🔎 We are checking whether it arrived: we lost the connection to the supplier. Your money is safe, and we will not send twice. If the supplier does not say, an administrator decides; we will write to you.
order-review = 🔎 An administrator is checking the order. Your money is safe: it is delivered or returned. We will write to you.
order-delivered = ✅ <b>Delivered</b>
order-failed = ↩️ <b>It did not work out.</b> Back on your balance: { $sum }.
order-refunded = ↩️ <b>Refunded.</b> Back on your balance: { $sum }.
order-closed = The order is closed, nothing was charged.
order-trace = Transaction: <code>{ $trace }</code>
order-trace-link = <a href="{ $url }">Transfer on the TON network</a>
order-why-fragment-wait-supplier = ⏳ The supplier does not take orders right now. We keep trying; if it takes more than 24 hours, the money comes back.
order-why-fragment-recipient-unknown = The recipient no longer uses this name or does not accept gifts.
order-why-fragment-username-refused = The supplier did not accept the recipient's name.
order-why-fragment-quantity-refused = The supplier did not accept this amount.
order-why-fragment-months-refused = The supplier did not accept this term.
order-why-fragment-field-refused = The supplier did not accept the order.
order-why-fragment-not-executed = The supplier sent nothing and took no money for it.
order-why-fragment-too-late = The supplier has taken no orders for a day.
order-why-fragment-supplier-failed = The supplier says that the delivery failed.
order-why-gift-refused = Telegram did not accept the gift for this recipient.
order-why-gift-sold-out = Telegram has no more gifts of this kind.
order-why-error-gift-gone = Telegram has no more gifts of this kind, or their price has changed.
order-why-error-recipient-unknown = There is no recipient with this name any more.
order-why-error-recipient-changed = The name belongs to somebody else now.
order-why-error-sale-below-cost = The supplier's price has risen.
order-why-error-order-expired = The time to pay ran out.
order-why-error-price-changed = The terms have changed.
order-why-other = Support knows more: tell them the order's number.
order-top-up = Top up
order-cancel = Cancel the order
order-again = Buy again
order-state-awaiting_payment = waiting for a top-up
order-state-reserved = accepted
order-state-fulfilling = being sent
order-state-unknown = being checked
order-state-review = under review
order-state-delivered = delivered
order-state-failed = money is back
order-state-refunded = refunded
order-state-draft = draft
order-state-expired = expired
order-state-cancelled = cancelled

orders-mine = My purchases
orders-title = 🧾 <b>My purchases</b>
orders-empty = Nothing yet. Stars and Premium are in the menu.
orders-label-stars = ⭐ { $count } · { $who }
orders-label-premium = 💎 { $count } mo. · { $who }
orders-label-telegram-gift = { $gift } { $who }
premium-mine = My Premium
premium-title = 💎 <b>Premium that you have activated</b>
premium-empty = Nothing yet. The end dates will be here.
premium-line = { $recipient } · { $months } mo. · until { $until }
premium-line-over = { $recipient } · { $months } mo. · ended { $until }

fragment-done-stars =
    ✅ <b>Delivered: { $count ->
        [one] { $count } Star
       *[other] { $count } Stars
    }</b> to @{ $recipient }
fragment-done-premium = ✅ <b>Premium for { $count } months</b> is active for @{ $recipient }
fragment-done-telegram-gift = ✅ <b>{ $gift } The gift is delivered</b>: @{ $recipient }
fragment-done-several = { $got ->
    [0] ↩️ <b>Nobody got anything.</b> The money is back on your balance.
   *[other] ✅ <b>Done: { $got } of { $all } delivered.</b> The money for the others is back on your balance.
}
fragment-done-all = ✅ <b>Done: { $all } of { $all } delivered.</b>
fragment-checking =
    🔎 <b>We are checking your order</b>

    We lost the connection to the supplier. Your money is safe, and we will not send twice. We will write when we know; if the supplier does not say within half an hour, an administrator decides.
fragment-failed =
    ↩️ <b>The order for @{ $recipient } did not work out</b>

    Back on your balance: { $sum }. Open the order to see why.
fragment-recipient-unknown =
    ↩️ <b>The recipient @{ $recipient } was not found</b>

    They have changed their name or do not accept gifts. Back on your balance: { $sum }.
fragment-not-executed =
    ↩️ <b>Nothing was sent to @{ $recipient }</b>

    We have checked: the supplier did not carry it out. Back on your balance: { $sum }; you can buy again.
fragment-too-late =
    ↩️ <b>The order for @{ $recipient } is cancelled</b>

    The supplier has taken no orders for a day. Back on your balance: { $sum }.
fragment-supplier-failed =
    ↩️ <b>The delivery to @{ $recipient } failed</b>

    The supplier reported it. Back on your balance: { $sum }.
fragment-refunded =
    ↩️ <b>Refund for the order for @{ $recipient }</b>

    Back on your balance: { $sum }.
fragment-not-resumed =
    ⚠️ <b>The order did not go on</b>

    The terms changed while you topped up. The money is on your balance; open the order to see why.
fragment-premium-ends =
    💎 Premium for @{ $recipient } ends in { $days ->
        [one] { $days } day
       *[other] { $days } days
    }. You can renew it here.
fragment-renew = Renew

error-username-letters = ⚠️ The name contains “{ $letter }”, which is not a Latin letter. Copy the @username from the recipient's profile.
error-username-invisible = ⚠️ The name has an invisible character at position { $place }. Type the @username again or copy it from the profile.
error-username-link = ⚠️ This link does not lead to a profile (an invitation, a proxy, stickers, a boost…). Send the @username or a link like t.me/name.
error-username-spaces = ⚠️ The name contains a space. Send one @username; separate several with commas.
error-username-format = ⚠️ This is not a @username: 3 to 32 Latin letters, digits and underscores, a letter first.
error-recipients-many = ⚠️ At most { $max } recipients at a time.
error-recipient-unknown = ⚠️ There is no profile @{ $name }. Check the name and send it again.
error-recipient-check = ⚠️ We cannot check the recipient right now. The name may be right; try again in a minute. Nothing was charged.
error-recipient-often = ⚠️ You have checked too many names within a minute. Try again in { $seconds } s. Nothing was charged.
error-recipient-changed = ⚠️ The name @{ $name } belongs to another profile now. Choose the recipient again. Nothing was charged.
error-recipient-not-here = ⚠️ @{ $name } has not opened this bot yet. Ask them to press Start, then send the name again.
error-contact-username = { $count ->
    [one] ⚠️ { $names } has no @username, and we cannot deliver without one. Ask them to set one in Telegram's settings, or choose somebody else.
   *[other] ⚠️ { $names } have no @username, and we cannot deliver without one. Ask them to set one in Telegram's settings, or choose others.
}
error-own-username = ⚠️ You have no @username: set one in Telegram's settings, we cannot deliver without it.
error-stars-number = ⚠️ “{ $text }” is not a number I understand. Send digits, for example 250.
error-stars-range = ⚠️ From { $min } to { $max } Stars at a time.
error-gift-gone = ⚠️ This gift is not for sale any more. Choose another one.
error-gift-check = ⚠️ Telegram does not say which gifts there are. Try again in a minute; nothing was charged.
error-premium-months = ⚠️ Premium comes for 3, 6 and 12 months.
error-order-stale = This screen is out of date. Begin again: /stars or /premium
error-order-over = This order is cancelled or complete already: there is nothing to pay for it.
error-order-expired = Prices hold for 15 minutes, and this one has expired. Here is the current one; nothing was charged.
error-price-changed = The price has changed. Here is the new one; nothing was charged.
error-sale-stopped = ⚠️ Stars and Premium are not on sale for a little while. The administrators know. Nothing was charged.
error-sale-too-large = ⚠️ We cannot deliver that much right now. Choose less, or come back later: the administrators know. Nothing was charged.
error-sale-below-cost = ⚠️ We do not sell this right now: the supplier's price has risen. The administrators know. Nothing was charged.
error-sale-cost-unknown = ⚠️ The supplier does not name its price, so we do not sell right now. The administrators know. Nothing was charged.

fragment-alert-login =
    ⛔️ <b>Fragment: the login failed</b>

    The sale is stopped, paid orders wait. Check the key, the phone, the words and the wallet version.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-wallet =
    ⛔️ <b>Fragment: the wallet is almost empty</b>

    The sale is stopped, paid orders wait. Top up the wallet: the sale goes on by itself.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-kyc =
    ⛔️ <b>Fragment wants the identity confirmed</b>

    The sale is stopped, paid orders wait. Answer it in the supplier's dashboard, then press “Resume the sale”.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-down =
    ⛔️ <b>Fragment does not answer</b>

    The sale is stopped, paid orders wait. It goes on by itself when it answers.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-cost =
    ⛔️ <b>Fragment does not name its prices</b>

    The sale is stopped: a loss would go unseen.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-admin = ⛔️ <b>The sale of Stars and Premium was stopped by an administrator.</b> { $details }
fragment-alert-below-cost =
    ⚠️ <b>A sale below cost was refused</b>

    The supplier's price is above ours: { $details }. Raise the price or check the rate.
fragment-alert-too-large =
    ⚠️ <b>Fragment: too little in the wallet for an order</b>

    Somebody wanted { $details }, more than the wallet holds beside what is paid for. It was refused before payment. Top up the wallet.
fragment-alert-low =
    ⚠️ <b>Fragment: little money in the wallet</b>

    { $balance } left. Top it up before the sale stops.
fragment-alert-review =
    🔎 <b>An order waits for a decision</b>

    How its delivery ended could not be found out: <code>{ $order }</code>
fragment-alert-late =
    ⚠️ <b>Delivered after the money went back</b>

    Order <code>{ $order }</code>: the customer's money was returned, and the supplier delivered after all ({ $reference }). This is a loss.
fragment-alert-contradicted =
    ⚠️ <b>Called delivered, but it was not</b>

    Order <code>{ $order }</code>: an administrator settled it as delivered, and now the supplier says that it failed ({ $reference }). The customer has paid for nothing: refund the order.
fragment-alert-twice =
    ⚠️ <b>Delivered twice</b>

    Order <code>{ $order }</code>: the supplier carried out a purchase that it had refused, and the next one too. One too many is attempt { $attempt } ({ $reference }), { $cost } left our wallet for it. Claim it back from the supplier.
fragment-alert-twice-perhaps =
    🔎 <b>Perhaps bought twice</b>

    Order <code>{ $order }</code> was delivered by a purchase that the supplier had refused. How the next one ended, attempt { $attempt }, could not be found out: ask the supplier.
fragment-resumed = ✅ Fragment: “{ $reason }” is settled.
fadmin-open = Open Fragment

fadmin-title = 🧩 <b>Stars and Premium</b>
fadmin-selling = ✅ On sale
fadmin-stopped = ⛔️ Not on sale: { $reason } (since { $since }) <i>{ $details }</i>
fadmin-reason-login = the login failed
fadmin-reason-wallet = the wallet is almost empty
fadmin-reason-kyc = the identity must be confirmed
fadmin-reason-down = the supplier does not answer
fadmin-reason-cost = the supplier names no prices
fadmin-reason-admin = stopped by an administrator
fadmin-details-down = Five requests in a row were left without an answer.
fadmin-details-cost = There has been no price list for six hours.
fadmin-details-wallet = { $balance } in the wallet.
fadmin-details-wallet-owed = { $balance } in the wallet, { $owed } of it are needed for paid orders.
fadmin-details-gas = { $balance } for network fees, at least { $needed } are needed.
fadmin-wallet-unknown = 👛 The wallet at the supplier has not been read yet.
fadmin-wallet = 👛 Wallet at the supplier: { $sum } ({ $when })
fadmin-wallet-runway = 👛 Wallet at the supplier: { $sum } ({ $when }) · { $daily } a day · lasts { $days ->
    [one] { $days } day
   *[other] { $days } days
}
fadmin-limits = Warning below { $warn }, stop below { $stop }
fadmin-prices = Prices and terms
fadmin-keys = Credentials
fadmin-check = Check now
fadmin-checking = Checking: reload in a few seconds
fadmin-stop = Stop the sale
fadmin-sell = Resume the sale
fadmin-list = 📋 <b>Orders: { $state }</b>
fadmin-list-empty = 📋 <b>Orders: { $state }</b>. None.
fadmin-buyer = Customer <code>{ $person }</code> · { $sum }
fadmin-attempt = Attempt { $number } · { $supplier } · { $state } · <code>{ $ref }</code>
fadmin-no-attempt = Not handed to the supplier yet.
fadmin-attempt-sent = sent, no final answer yet
fadmin-attempt-done = executed
fadmin-attempt-refused = certainly not executed
fadmin-attempt-unknown = outcome unknown
fadmin-evidence-untouched = 👛 Wallet: { $before } before, { $booked } booked for purchases, { $now } now. <b>Nothing is missing.</b> A top-up of the same size or a late debit would look the same.
fadmin-evidence-charged = 👛 Wallet: { $before } before, { $booked } booked for purchases, { $now } now. <b>{ $missing } unexplained: it was probably bought.</b>
fadmin-evidence-unclear = 👛 The wallet gives no answer: { $why }
fadmin-unclear-no-base = it was never read before the purchase.
fadmin-unclear-open = { $count ->
        [one] { $count } more purchase is under way
       *[other] { $count } more purchases are under way
    }.
fadmin-unclear-murky = { $count ->
        [one] what { $count } more purchase cost is not known
       *[other] what { $count } more purchases cost is not known
    }.
fadmin-unclear-filled = it was topped up since.
fadmin-unclear-not-read = it was not read within the last two minutes.
fadmin-evidence-stars = ⭐ The bot's list of Stars: { $given ->
        [0] no such gift to this recipient
        [one] { $given } such gift to this recipient that belongs to no order ({ $times })
       *[other] { $given } such gifts to this recipient that belong to no order ({ $times })
    }. Other orders for the same gift whose outcome is unknown: { $rivals }.
fadmin-retry-safe = 🟢 Safe to retry: nothing was bought for certain.
fadmin-retry-unsafe = 🔴 Not safe to retry: it could be a second purchase.
fadmin-do-delivered = Delivered
fadmin-do-failed = Give the money back
fadmin-do-retry = Retry
fadmin-do-refund = Refund a delivered order
fadmin-ask-delivered =
    Was order <code>{ $number }</code> delivered?

    { $sum } will be taken from the reserve of <code>{ $person }</code>.
fadmin-ask-failed =
    Was order <code>{ $number }</code> not executed?

    { $sum } will go back from the reserve to the balance of <code>{ $person }</code>. If it was bought after all, the loss is yours.
fadmin-ask-retry =
    Retry order <code>{ $number }</code>?

    The attempt before was certainly not executed; the money ({ $sum }) stays reserved.
fadmin-ask-refund =
    Refund { $sum } for the delivered order <code>{ $number }</code>?

    The money goes from our sales to the balance of <code>{ $person }</code>.
fadmin-decided = Recorded
fadmin-decision-asked = ⏳ Decided: “{ $decision }”. It is being carried out.
fadmin-decision-order-moved = Your decision about order <code>{ $number }</code> was not carried out: the order had moved on by then. No money was moved.
fadmin-decision-retry-unsafe = Order <code>{ $number }</code> was not retried: it is no longer proven that nothing was bought. No money was moved.
fadmin-decision-gave-up = Your decision about order <code>{ $number }</code> could not be carried out: every try failed. No money was moved. Open the order and decide again.
fadmin-prices-title = 🏷 <b>Prices and terms</b>
fadmin-field = { $name }: <code>{ $value }</code>
fadmin-field-star = Price of a Star, ₽
fadmin-field-premium = Premium, ₽
fadmin-field-gifts = Telegram gifts, ₽
fadmin-field-packs = Packs of Stars
fadmin-field-rates = Rate of coins, ₽
fadmin-field-terms = Terms
fadmin-change = Change: { $name }
fadmin-way-fragment = Premium: through the supplier
fadmin-way-bot-stars = Premium: with the bot's Stars
fadmin-no-cost = The supplier named no prices: the margin is unknown.
fadmin-margin = { $goods }: { $price } − { $cost } = <b>{ $left }</b>
fadmin-margin-loss = ⚠️ { $goods }: { $price } − { $cost } = <b>{ $left }</b>, not for sale
fadmin-ask-value =
    ✏️ <b>{ $name }</b>

    Now: <code>{ $value }</code>
    Send the new value in the same form.
fadmin-gifts-ask = Write the number of the gift, a colon and the price. A gift without a price is not sold; “—” takes all of them off sale. At Telegram now:
fadmin-gift-line = { $gift } { $stars } ⭐ <code>{ $id }</code>
fadmin-keys-title = 🔑 <b>Credentials for the supplier</b>
fadmin-key-apiKey = API key
fadmin-key-phoneNumber = Phone
fadmin-key-mnemonics = Wallet words
fadmin-key-none = none
fadmin-words =
    { $count ->
        [one] { $count } word
       *[other] { $count } words
    }
fadmin-login-failed = ⛔️ The last login failed: <i>{ $details }</i>
fadmin-key-checking = ⏳ We are asking the supplier. This may take half a minute.
fadmin-key-works = ✅ { $name }: the supplier lets us in with the new value, and we use it from now on.
fadmin-key-saved = { $name }: saved. To let us in, the supplier needs all three values.
fadmin-key-refused = ⚠️ { $name }: the supplier does not let us in with the new value, so we go on with the old one. If you are changing the whole account, send the other values as well: we try them together. <i>{ $details }</i>
fadmin-key-away = ⚠️ { $name }: the supplier does not answer, so the new value is not checked and we go on with the old one. Send it once more in a few minutes. <i>{ $details }</i>
fadmin-ask-key =
    ✏️ <b>{ $name }</b>

    Send the new value. We delete the message at once and keep the value encrypted.
error-order-moved = The order is in another state by now. Open it again.
error-order-decided = This order has been decided already; it is being carried out.
error-retry-unsafe = No retry: it is not proven that nothing was bought.
error-value-invalid = ⚠️ This does not fit. Example: { $value }
error-key-invalid = ⚠️ This does not fit: a key has 4 characters or more, a phone digits, and the words are 24.
fadmin-section = ⭐ Stars, Premium, gifts
fadmin-waiting = Orders of Stars and Premium under review: { $count }
fragment-alert-bot-stars =
    ⚠️ <b>The bot { $bot } has too few Stars for Premium and gifts</b>

    Paid orders wait. Give the bot Stars. Premium can be switched to the supplier, in /fragment.
fadmin-stop-ask =
    ⛔️ <b>Stop the sale of Stars and Premium?</b>

    Before: on sale in every bot
    After: not on sale until somebody resumes it here

    Paid orders wait.
fadmin-stop-yes = Yes, stop selling
fadmin-term-currency = currency
fadmin-term-warnBalance = warn below
fadmin-term-stopBalance = stop below
fadmin-term-sellWithoutCost = sell without the supplier's price
fadmin-term-walletVersion = wallet version
fadmin-term-true = yes
fadmin-term-false = no
inline-stars = For yourself or for any username.
inline-premium = For yourself or for a friend, by username alone.
inline-telegram-gift = A gift for a friend’s profile, by username.
