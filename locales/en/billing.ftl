payment-take = Move to my balance
payment-overpaid =
    ✅ <b>Credited: { $credited }</b>

    You paid more than was needed. The extra { $rest } is waiting for you: tap the button and it is on your balance.

    Balance: { $balance }. Number <code>{ $number }</code>
payment-underpaid-open =
    ⏳ <b>{ $received } of { $asked } received</b>

    { $rest } still to pay. Use the same link while the invoice is open, and we credit everything at once. Number <code>{ $number }</code>
payment-underpaid-some =
    ⏳ <b>Part of { $asked } received</b>

    Pay the rest through the same link while the invoice is open, and we credit everything at once. Number <code>{ $number }</code>
pay-rest = Pay the rest: { $rest }
pay-open-card = Open the invoice
payment-underpaid =
    ⚠️ <b>Paid in part: { $received } of { $asked }</b>

    We have the money and it is safe. Move it to your balance or write to support. Number <code>{ $number }</code>
payment-late =
    ⚠️ <b>{ $received } came after the invoice's deadline</b>

    The price may have changed since, so we have bought nothing. Move the money to your balance. Number <code>{ $number }</code>
payment-extra =
    ⚠️ <b>Another { $received } came for a paid invoice</b>

    The money is waiting for you: move it to your balance. Number <code>{ $number }</code>
payment-extra-credited =
    ⚠️ <b>Another { $received } came for a paid invoice</b>

    The money is on your balance already. Number <code>{ $number }</code>
payment-review =
    🔎 <b>The payment is under review</b>

    It does not match the invoice, so an administrator will look at it. Your money is safe. Number <code>{ $number }</code>
deposit-notice =
    ✅ <b>Credited { $credited }</b>

    A transfer to your permanent address. Number <code>{ $number }</code>

alert-payment-terms =
    🔎 <b>Payment under review: another sum or currency</b>

    { $provider }, number <code>{ $number }</code>, status { $status }.
alert-payment-sum =
    🔎 <b>Payment under review: the payment system names no sum</b>

    { $provider }, number <code>{ $number }</code>, status { $status }.
alert-payment-locked =
    🔎 <b>Payment held by an AML check</b>

    { $provider }, number <code>{ $number }</code>, status { $status }.
alert-payment-unknown =
    ⚠️ <b>Unknown status of a payment</b>

    { $provider }, number <code>{ $number }</code>, status { $status }. Its state has not changed.
alert-payment-refund =
    🔎 <b>A refund that we did not ask for</b>

    { $provider }, number <code>{ $number }</code>, status { $status }.
alert-payment-orphan =
    🔎 <b>An unknown transfer</b>

    { $provider }, transfer <code>{ $number }</code>, status { $status }. It belongs to no invoice.
alert-payment-charge =
    🔎 <b>It is not known whether a card was charged</b>

    { $sum } through { $provider } from the card •• { $digits } of customer <code>{ $person }</code>: for two days nobody could say how the charge ended.

    Find the payment <code>{ $number }</code> in the dashboard of { $provider }. Open it here and say whether the money came. Until then the card is not charged for this plan again.
alert-payment-lost =
    🔎 <b>A payment that the shop does not know</b>

    { $provider }, transfer <code>{ $number }</code>: { $sum }, under the payment number of customer <code>{ $person }</code>. The database has no such payment, and what comes like that is credited by itself only up to the limit of a day.

    Look the transfer up in the dashboard of { $provider }. If it is real, credit it: <code>/payments { $payment }</code>. If the database has just been restored from a backup, set RECOVERY_MODE=true: lost payments are then credited by themselves.
error-amount-limits = You can pay from { $min } to { $max } this way.

alert-stars-not-listed-paid =
    🔎 <b>A payment that Telegram does not have</b>

    Bot { $bot }, customer <code>{ $person }</code>: { $stars }, charge <code>{ $charge }</code>. In 15 minutes it has not appeared in Telegram's list of Stars, so nothing was credited. If it appears, it is credited by itself. If there are many of these, somebody writes to Redis: check who can reach it.
alert-stars-not-listed-refunded =
    🔎 <b>A refund that Telegram does not have</b>

    Bot { $bot }, customer <code>{ $person }</code>: { $stars }, charge <code>{ $charge }</code>. In 15 minutes it has not appeared in Telegram's list of Stars, so nothing was taken back. If it appears, it is booked by itself. If there are many of these, somebody writes to Redis: check who can reach it.
alert-stars-unlisted =
    🚨 <b>Stars were credited that Telegram does not have</b>

    Bot { $bot }, customer <code>{ $person }</code>: { $stars } → { $credited }, payment <code>{ $number }</code>. After three minutes Telegram's list of Stars does not have this payment: it looks forged. { $frozen } are frozen, the rest is spent already.

    Open the payment and decide whether the tokens stay or are taken. If there are many, pause the bot and check who has its token and who can reach Redis.
alert-stars-differ =
    🔎 <b>The books and Telegram differ about the Stars of bot { $bot }</b>

    Telegram: { $telegram }, our books: { $books }, and it has been so for more than ten minutes. Both figures stand in /health. Compare the bot’s list of Stars with /payments: what moved them there has no line here, or the other way round. Nothing is corrected by itself.
stars-frozen =
    ⏳ <b>The payment of { $stars } is being checked</b>

    Telegram has not confirmed it yet, so { $frozen } of the balance are reserved. Usually it does not take long. Number <code>{ $number }</code>
stars-thawed = ✅ The payment of { $stars } is confirmed, the reserved tokens can be spent again. Number <code>{ $number }</code>
stars-taken =
    ↩️ <b>The payment of { $stars } was not confirmed</b>

    Telegram does not know it. Taken from the balance: { $taken }. If the Stars did leave your account, write to support.
unlisted-keep = Leave the tokens
unlisted-take = Take the tokens
unlisted-ask =
    🚨 Take from <code>{ $person }</code> what was credited for { $stars }?

    { $taken } are taken. Spent before it was noticed: { $lost }, that is your loss. Telegram returns nothing: it does not know such a payment.
unlisted-take-do = Take { $taken }
unlisted-done = Accepted. The outcome appears in the payment's story, the customer gets a message.
payment-refunded =
    ↩️ <b>We have returned { $back }</b>

    Taken from the balance: { $taken }. Number <code>{ $number }</code>
alert-payment-compared =
    🔎 <b>Comparison with { $provider }: there are differences</b>

    Payments compared: { $compared }
    Credited by the comparison: { $healed }
    Paid there, unknown here: { $orphans }
    Credited here, not paid there: { $missing }
alert-refund-unknown =
    ⚠️ <b>A refund without an answer</b>

    Payment <code>{ $number }</code>: the payment system did not answer, so the refund may have happened. It must not be repeated; we keep asking, and if it does not say, look into its dashboard.
alert-refund-refused =
    ⚠️ <b>The refund did not happen</b>

    Payment <code>{ $number }</code>: { $reason }. The customer has the money back on the balance.
refund-why-no-way = this payment system gives nothing back by itself
refund-why-more-came = more money has come since the refund was asked for, so ask for it again
refund-why-vendor = the payment system could not do it
refund-why-seen = an administrator saw in its dashboard that it did not happen
error-refund-not-paid = This payment cannot be refunded: there is no money in it.
error-refund-taken = The customer has already taken a part in another currency. Refund it by hand.
error-refund-already = A refund of this payment is already on its way.

balance-add = Top up
method-cryptomus = Crypto · Cryptomus
method-cryptomus-hint = network fee, 1–20 minutes
method-heleket = Crypto · Heleket
method-heleket-hint = network fee, 1–20 minutes
method-mulenpay = Russian card or SBP · MulenPay
method-mulenpay-hint = no fee, about a minute
method-yookassa = Russian card or SBP · YooKassa
method-yookassa-hint = no fee, about a minute
pay-keep = Russian card, and remember it
method-cryptopay = Crypto Pay (@CryptoBot)
method-cryptopay-hint = no fee, at once
method-manual = Manual transfer
method-stars = Telegram Stars
pay-methods = 💳 <b>How would you like to top up?</b>
pay-methods-missing = 💳 <b>You are { $sum } short. How would you like to pay?</b>
pay-methods-rest = 💳 <b>{ $sum } left to pay. How would you like to pay?</b> What you have paid already is safe.
pay-methods-again = 💳 <b>A new invoice for { $sum }. How would you like to pay?</b>
pay-keep-hint = “And remember it” lets your plan renew by itself. Tokens and roubles of your balance go first; what is missing is charged to the card, and we tell you at least a day before. You can have the card forgotten under “Plans”.
pay-method-line = • { $method }: { $hint }, { $min } to { $max }
pay-sums =
    💳 <b>{ $method }</b>

    Choose the sum: { $min } to { $max }.
pay-own-sum = Another sum
pay-type-sum = ✍️ Type the sum in roubles, { $min } to { $max }. For example: 1000.50
pay-type-sum-again = ⚠️ We could not read that. Send a number from { $min } to { $max }, for example: 1000.50
pay-type-email = ✍️ Type your e-mail address: the receipt goes there. You are asked only once.
pay-email-key = Receipt to { $email }
error-receipt-email = The receipt needs your e-mail address. Send /topup to the bot, choose this way to pay and type it: you are asked only once.
error-receipt-email-wrong = That does not look like an e-mail address. Example: name@example.com
pay-out-of-limits = You cannot pay such a sum this way. Please choose another one.
pay-method-off = This method is off right now. Choose another one.
pay-description = Balance top-up, number { $number }
pay-title = 💳 <b>{ $sum }</b> · { $method }
pay-status-created = ⏳ Preparing your invoice, it takes a few seconds…
pay-status-pending = ① <b>Waiting for the payment.</b> We credit it automatically, so you can close the chat.
pay-status-confirming = ② <b>Seen on the network, waiting for confirmations.</b> You can close the chat.
pay-status-paid = ③ ✅ <b>Paid.</b> Credited: { $credited }.
pay-status-taken = ③ ✅ <b>The money is on your balance.</b> Credited: { $credited }.
pay-status-overpaid = ③ ✅ <b>Overpaid.</b> Credited: { $credited }, still waiting for you: { $rest }.
pay-status-late = ⚠️ <b>The money came after the deadline</b> and is waiting for you: { $rest }.
pay-status-underpaid-open = ⏳ <b>{ $received } of { $asked } received, { $left } to go.</b> Pay the rest through the same link.
pay-status-underpaid-some = ⏳ <b>Part of the sum received.</b> Pay the rest through the same link.
pay-status-underpaid = ⚠️ <b>Paid in part.</b> We have the money, and it is waiting for you: { $rest }.
pay-status-expired = ⌛ <b>The invoice has expired.</b> If you have sent the money, do not pay again: we will find and credit it.
pay-status-cancelled = ✖️ <b>The invoice is cancelled.</b> If you have sent the money, we will find and credit it.
pay-status-failed = ⚠️ <b>We could not create the invoice.</b> Nothing was charged. Try again or choose another method.
pay-status-review = 🔎 <b>An administrator is looking at this payment.</b> Your money is safe.
pay-status-refunded = ↩️ <b>The money was returned.</b>
pay-came = { $received } received in all, { $extra } of it beyond the invoice.
pay-came-extra = { $extra } came beyond the invoice.
pay-came-waits = { $received } received, the money is waiting for you.
pay-came-all = { $received } received.
pay-again-of = This is one more payment of invoice <code>{ $number }</code>.
pay-paid-again = This invoice was paid once more: payment <code>{ $number }</code>.
pay-deadline = The invoice is open until { $until } ({ $minutes } min left).
pay-checked = Last checked: { $date }.
pay-number = Number <code>{ $number }</code>
pay-open = Pay { $sum }
pay-copy-link = Copy the link
pay-check = I have paid, check it
pay-checking = Checking the payment…
pay-check-wait = We checked a moment ago. You can check again in { $seconds } s.
pay-again = New invoice
pay-repeat = Top up { $sum } again
pay-other-method = Another method
pay-taken = { $sum } credited. Balance: { $balance }.
pay-taken-already = This money is on your balance already.

manual-methods = 🧾 <b>Manual transfer</b>. Choose what suits you:
manual-none = We do not take manual transfers right now. Choose another method.
manual-card_ru = Card of a Russian bank
manual-card_world = Card of a foreign bank
manual-crypto = Cryptocurrency
manual-sums = 🧾 <b>How much?</b> A sum to the balance, or a pack of tokens:
manual-pay =
    🧾 <b>Transfer { $sum }</b>

    { $requisites }

    Then send the receipt here: a photo, a file or the text of the transfer. You get: { $credit }. We usually check within an hour.
    Number <code>{ $number }</code>
manual-copy = Copy the payment details
manual-cancel = Cancel the request
manual-cancelled = The request is cancelled.
manual-proof-again = ⚠️ That does not look like a receipt. Send a photo, a file or the text of the transfer.
receipt-ask = 🧾 Is this the receipt for your request of { $sum }? Its number is <code>{ $number }</code>
receipt-yes = Yes, it is the receipt
receipt-no = No, it is for a picture
receipt-none = All right, we left it out of the request. Send the photo again to make a picture of it.
receipt-late = This request has been decided. If something is wrong, write to support.
alert-request-more = 🧾 <b>More for the request of { $sum }</b>: another receipt or a note from <code>{ $person }</code>, number <code>{ $number }</code>
manual-waiting =
    🔎 <b>The request for { $sum } is under review</b>

    You get: { $credit }. We will write as soon as it is decided. Number <code>{ $number }</code>
request-open = Open the request
alert-request = 🧾 <b>New request: { $sum }</b> from <code>{ $person }</code>, number <code>{ $number }</code>
alert-request-duplicate = ⚠️ <b>A request with a repeated receipt: { $sum }</b> from <code>{ $person }</code>, number <code>{ $number }</code>. The same receipt: { $twins }
requests-title = 🧾 <b>Waiting for a decision: { $count }</b>
requests-none = 🧾 No requests. All quiet.
request-card =
    🧾 <b>{ $sum }</b> · { $method }

    To credit: { $credit }
    Customer: { $name } <code>{ $person }</code>
    Made { $date }, number <code>{ $number }</code>
request-twins = ⚠️ The same receipt was in the requests: { $twins }
request-yes = Approve
request-no = Decline
request-second = Your approval is noted. A sum this large needs a second administrator.
request-more = Ask for more
request-more-title = What is missing? The customer gets a message, and the request stays open.
request-more-readable = A clear photo
request-more-whole = The whole receipt
request-more-payer = Who paid, from which card
request-more-own = ✍️ In your own words
request-more-type = ✍️ Type what you need from the customer, up to 300 characters. They read it as it is.
request-more-sent = 📨 The customer was asked: “{ $wanted }” Request <code>{ $number }</code> waits for the answer.
request-more-late = This request is decided already: there is nothing to ask.
request-more-waits = ⏳ Waiting for the customer: “{ $wanted }” (asked by { $by })
request-wanted-readable = Please send a clear photo of the receipt: the sum and the date cannot be read.
request-wanted-whole = Please send the whole receipt, with date, sum and recipient.
request-wanted-payer = Please write the name of the payer and the last 4 digits of their card.
request-wanted =
    ✋ <b>Your request for { $sum } is open, and we need something more</b>

    { $wanted }

    Tap the button and send your answer. Number <code>{ $number }</code>
request-answer = Answer
request-answer-ask = 🧾 Send a photo, a file or a text here: the administrator gets it. Request <code>{ $number }</code>
error-request-wanted = Type what is missing: 1 to 300 characters.
request-why = Why is it declined? The customer will see the reason.
request-reason-no-money = The money has not come
request-reason-other-sum = Another sum
request-reason-unreadable = The receipt cannot be read
request-reason-duplicate = This receipt was used before
request-credited = ✅ The request <code>{ $number }</code> is approved. Decided by { $by }
request-declined = ✖️ The request <code>{ $number }</code> is declined or cancelled. Decided by { $by }
request-card-paid = ✅ <b>Your request for { $sum } is approved.</b> Credited: { $credit }. Number <code>{ $number }</code>
request-card-cancelled = ✖️ <b>Your request for { $sum } is cancelled.</b> Number <code>{ $number }</code>
request-card-expired = ⌛ <b>Your request for { $sum } has run out of time.</b> If the money is on its way already, make a new request and send the receipt. Number <code>{ $number }</code>
request-rejected-no-money = ✖️ <b>The request for { $sum } is declined:</b> the transfer has not reached us. If you were charged, write to support. Number <code>{ $number }</code>
request-rejected-other-sum = ✖️ <b>The request for { $sum } is declined:</b> another sum has come. Make a request for it or write to support. Number <code>{ $number }</code>
request-rejected-unreadable = ✖️ <b>The request for { $sum } is declined:</b> the receipt could not be read. Make a new one and send a clear photo. Number <code>{ $number }</code>
request-rejected-duplicate = ✖️ <b>The request for { $sum } is declined:</b> this receipt was used in another request. Number <code>{ $number }</code>
error-request-open = You already have an open request. Open "Top up" to continue it.

payments-title = 💳 <b>Payments</b>
payments-none = 💳 There are no such payments.
payments-all = All
payments-attention = To look at
payments-open = Waiting
payments-paid = Paid
payments-over = Closed
payments-providers = Payment systems
payments-requests = 🧾 Requests
payment-unknown = There is no such payment.
payment-facts =
    { $icon } <b>{ $sum }</b> · { $provider } · { $state }

    Promised: { $credit }
    Booked: { $booked }, of that waiting: { $suspended }
    Invoice: <code>{ $invoice }</code>
    Customer <code>{ $person }</code>, bot { $bot }
    Number <code>{ $number }</code>
payment-check = Compare now
payment-give = Credit the held sum
payment-given = Done.
payment-credit = Credit the promise
payment-credit-ask =
    ⚠️ Credit <b>{ $credit }</b> to <code>{ $person }</code>?

    Only if you have seen this money in the dashboard of { $provider }. It is done once.
payment-credit-do = I saw the money, credit { $credit }
payment-disown = Not our payment
payment-disown-ask =
    ⚠️ <b>Close the payment of { $sum } without a credit?</b>

    For when the dashboard of { $provider } has no invoice <code>{ $invoice }</code>, or another shop made it. Customer <code>{ $person }</code> gets nothing, and whatever comes about this payment later is not credited by itself.

    If the money turns out to be theirs after all, credit it by a correction.
payment-not-charged = It was not charged
payment-not-charged-ask =
    ⚠️ <b>Was nothing taken from the card •• { $digits }?</b>

    Only if the dashboard of { $provider } has no payment of { $sum } by customer <code>{ $person }</code>. If the plan still holds, the card will be tried again.
payment-disown-yes = Yes, close it
payment-disowned = The payment is closed.
payment-refund = Return the money
payback-full =
    ↩️ Return <b>{ $back }</b> to <code>{ $person }</code> through { $provider }?

    The whole sum goes back. Taken from the balance: { $held }.
payback-address =
    ↩️ Return <b>{ $back }</b> to <code>{ $person }</code> through { $provider }?

    The money goes to a wallet address that the customer names. Taken from the balance: { $held }.
payback-none =
    ↩️ <b>{ $provider } gives no money back</b>

    Send { $back } to <code>{ $person }</code> yourself and take it from the balance by a correction.
payback-stars =
    ↩️ Return <b>{ $back }</b> to <code>{ $person }</code>?

    Telegram itself returns the Stars, all of them at once. Taken from the balance: { $held }.
payback-stars-plan =
    ↩️ Return <b>{ $back }</b> to <code>{ $person }</code>?

    Telegram itself returns the Stars. The period of the plan that they paid ends at once and is not renewed. Nothing is taken from the balance.
payback-spent = ⚠️ { $shortfall } is spent already: that is your loss.
payback-go = Return { $back }
payback-address-none = Only the customer names the address: ask them, and the bot brings you the answer.
payback-address-awaited = ⏳ Asked for the address { $since }, no answer yet.
payback-address-asked = Asked. As soon as the customer names an address, the bot writes to you.
payback-ask = Ask for the address
payback-ask-again = Ask for the address again
payback-asked =
    ↩️ We are ready to return { $sum } to you

    The money goes to your wallet. Tap the button and send its address: nobody but you can give it.
payback-mine-key = Give the address
payback-mine-type = ✍️ Send the address of your wallet in the network <b>{ $network }</b>: the one you paid from. We will return { $sum } to it.
payback-mine-type-any = ✍️ Send the address of your wallet in the network that you paid from. We will return { $sum } to it.
payback-mine-check =
    ⚠️ <b>Return { $sum } here?</b>

    Address: <code>{ $address }</code>
    Network: <b>{ $network }</b>
    { $checked ->
        [yes] The address has the right checksum for this network.
        [guessed] The address is a real one. Make sure that this is the network you paid from.
       *[no] We cannot check addresses of this network: compare it letter by letter.
    }

    What is sent cannot be taken back.
payback-mine-yes = Yes, it is mine
payback-mine-given =
    ✅ The address is noted: <code>{ $address }</code>

    We will write to you when the money is on its way.
payback-to =
    ⚠️ <b>Send { $back } through { $provider }?</b>

    Address: <code>{ $address }</code>
    Network: <b>{ $network }</b>
    Customer: <code>{ $person }</code>
    { $checked ->
        [yes] The address has the right checksum for this network.
        [guessed] The address is a real one, but nobody told which network the customer paid in: ask them.
       *[no] We cannot check addresses of this network: compare it letter by letter.
    }

    What is sent cannot be taken back.
payback-send = Send { $back }
payback-other-address = Another address
error-address-broken = This is not an address in the network { $network }: it is mistyped or was not copied whole. Copy it again and send it.
error-address-other = This address belongs to another network ({ $other }), but the money came in { $network }: whatever is sent there is lost. Send an address in { $network }.
error-address-none = This does not look like a wallet address: it is mistyped or was not copied whole. Copy it again and send it.
error-address-in-text = "{ $address }" looks like a wallet address, but its checksum is wrong: it is mistyped. Copy it again and send the payment details anew.
payback-accepted = Accepted. The outcome appears in the payment's story, the customer gets a message.
payback-happened = The refund happened
payback-not = It did not
providers-title = 🔌 <b>Payment systems</b>
provider-on = takes payments
provider-off = off for new payments
provider-not-set = not set up
provider-turn-on = Turn { $name } on
provider-turn-off = Turn { $name } off
providers-limits =
    Signed events are confirmed with the payment system from { $confirm } on.
    Requests from { $second } on need a second admin.
    Payment details for manual transfers:
provider-confirm-above = Confirm from
provider-second-above = Second from
provider-type-limit = ✍️ Type the sum in roubles. 0 = always.
provider-type-requisites =
    ✍️ Type the payment details: { $method }.

    For an English text add a line --- and write it below.
error-provider-requisites = Details are a text of up to { $most } characters in each language. Write them again.
provider-requisites-off = Take none

method-wallet = Permanent address
wallets-title = 🏦 <b>Your permanent addresses</b>. Whatever comes there is credited by itself.
wallets-none = No new addresses are given out right now.
wallet-line =
    <b>{ $asset }</b> in the network { $network }:
    <code>{ $address }</code>
    Only { $asset } and only in this network: anything else is lost.
wallet-line-soon = <b>{ $asset }</b> in the network { $network }: the address is being made…
wallet-line-late = <b>{ $asset }</b> in the network { $network }: the service does not answer yet, we keep asking. You get a message either way. You can also top up another way.
wallet-copy = Copy { $asset } · { $network }
wallet-make = Address for { $asset } · { $network }
wallet-making = Getting your address: it comes as a message.
wallet-open = My addresses
wallet-ready =
    🏦 <b>Your address for { $asset } in the network { $network }</b>

    <code>{ $address }</code>

    It is yours for good. Only { $asset } and only in this network: anything else is lost.
wallet-refused =
    ⚠️ <b>We could not get an address for { $asset } in the network { $network }.</b>

    No money was taken. Ask for the address again or top up another way.
wallet-again = Ask again
wallet-other = Other ways
error-refund-waiting = Money of another invoice waits here as well. Give it to the customer first.
pay-list = My payments
pay-list-title = 🧾 <b>Your payments</b>. Tap one to open it:
pay-list-empty = 🧾 No payments yet.
method-deposit = Permanent address
payments-section = 💳 Payments
payment-story = Whole story and actions
request-sure =
    ✅ <b>Credit { $credit }?</b>

    Customer: { $name } <code>{ $person }</code>
    Transfer: { $sum }
    Balance before: { $before }
    After: { $after }
request-sure-yes = Yes, credit { $credit }
payment-story-created = made
payment-story-webhook = notice
payment-story-check = answer to a check
payment-story-compare = comparison
payment-story-admin = decision of an admin
payment-story-deposit = transfer to the address
payment-story-orphan = unknown transfer
payment-story-paid = paid
payment-story-refunded = returned
payment-story-compared = compared
payment-story-proof = receipt
payment-story-approved = confirmed by an admin
payment-story-posting = posting
payment-story-refund-asked = refund asked for
payment-story-refund-sent = refund sent
payment-story-refund-started = refund under way
payment-story-refund-done = refund done
payment-story-refund-refused = refund refused
payment-story-refund-unknown = refund without an answer
provider-name-stars = Stars
provider-name-cryptomus = Cryptomus
provider-name-heleket = Heleket
provider-name-mulenpay = MulenPay
provider-name-yookassa = YooKassa
provider-name-cryptopay = Crypto Pay
provider-name-manual = Manual transfer
person-payments-waiting = ⚠️ Payment { $number }: { $sum } wait for a decision
person-payment-open = 💳 Decide: { $sum }
person-part = ⏳ Payment { $number }: { $received } of { $asked } came, the rest is still due
person-part-some = ⏳ Payment { $number }: part of { $asked } came, the rest is still due
person-part-open = 💳 { $received } of { $asked } came
person-part-open-some = 💳 Part of { $asked } came
provider-requisites-none = not taken
payment-give-ask =
    ✅ <b>Credit the held { $sum }?</b>

    Customer: { $name } <code>{ $person }</code>
    Balance before: { $before }
    After: { $after }
payment-give-yes = Yes, credit { $sum }
unlisted-keep-ask =
    🚨 Leave <code>{ $person }</code> what was credited for { $stars }?

    The reserved { $frozen } go back to the balance. Telegram's list does not have this payment: if it is forged, the loss is yours.
payback-happened-ask =
    ↩️ <b>Has the refund of { $sum } happened?</b>

    Say yes only if you have seen it in the dashboard of { $provider }. What was taken from <code>{ $person }</code> stays taken.
payback-happened-yes = Yes, the money went out
payback-not-ask =
    ↩️ <b>Did the refund of { $sum } not happen?</b>

    The money goes back to the balance of <code>{ $person }</code>. If { $provider } sends it after all, the loss is yours.
payback-not-yes = Yes, nothing went out
unlisted-keep-yes = Yes, leave them
