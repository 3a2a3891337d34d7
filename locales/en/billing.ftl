payment-take = Take to balance
payment-overpaid =
    ✅ <b>Credited: { $credited }</b>

    You paid more than was needed. The extra { $rest } is waiting for you: tap the button and it is on your balance.

    Balance: { $balance }. Number <code>{ $number }</code>
payment-underpaid-open =
    ⏳ <b>{ $received } of { $asked } has come</b>

    Pay the rest through the same link while the invoice is open. Number <code>{ $number }</code>
payment-underpaid =
    ⚠️ <b>Paid in part: { $received } of { $asked }</b>

    We have the money and it is safe. Take it to your balance or write to support. Number <code>{ $number }</code>
payment-late =
    ⚠️ <b>{ $received } came after the invoice's deadline</b>

    The price may have changed, so nothing was bought without you. Take the money to your balance. Number <code>{ $number }</code>
payment-extra =
    ⚠️ <b>Another { $received } came for a paid invoice</b>

    The money is waiting for you: take it to your balance. Number <code>{ $number }</code>
payment-review =
    🔎 <b>The payment is under review</b>

    Its terms differ from the invoice, so a person will look at it. Your money is safe. Number <code>{ $number }</code>
deposit-notice =
    ✅ <b>Credited { $credited }</b>

    A transfer to your permanent address. Number <code>{ $number }</code>

alert-payment-terms =
    🔎 <b>Payment under review: another sum or currency</b>

    { $provider }, number <code>{ $number }</code>, status { $status }.
alert-payment-sum =
    🔎 <b>Payment under review: the provider names no sum</b>

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
    🔎 <b>Money of nobody</b>

    { $provider }, transfer <code>{ $number }</code>, status { $status }. Nobody here waits for such a transfer.
error-amount-limits = This method takes from { $min } to { $max }.

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

    Payment <code>{ $number }</code>: the provider did not answer, so the refund may have happened. It must not be repeated; we keep asking the provider, and if it does not say, look into its cabinet.
alert-refund-refused =
    ⚠️ <b>The refund did not happen</b>

    Payment <code>{ $number }</code>: { $reason }. The person has their money back on the balance.
error-refund-not-paid = This payment cannot be refunded: there is no money in it.
error-refund-taken = The person has already taken a part in another currency. Refund it by hand.
error-refund-already = A refund of this payment is already on its way.

balance-add = Top up
method-cryptomus = Crypto · Cryptomus
method-cryptomus-hint = network fee, 1–20 minutes
method-heleket = Crypto · Heleket
method-heleket-hint = network fee, 1–20 minutes
method-mulenpay = Russian card or SBP
method-mulenpay-hint = no fee, about a minute
method-cryptopay = Crypto Pay (@CryptoBot)
method-cryptopay-hint = no fee, at once
method-manual = Transfer by hand
method-stars = Telegram Stars
pay-methods = 💳 <b>How to top up?</b>
pay-methods-missing = 💳 <b>{ $sum } is missing. How to top up?</b>
pay-method-line = • { $method }: { $hint }, { $min } to { $max }
pay-sums =
    💳 <b>{ $method }</b>

    Choose the sum: { $min } to { $max }.
pay-own-sum = Another sum
pay-type-sum = ✍️ Type the sum in roubles, { $min } to { $max }. For example: 1000.50
pay-type-sum-again = ⚠️ That could not be read. A number from { $min } to { $max } is needed, for example: 1000.50
pay-out-of-limits = This method does not take such a sum. Choose another one.
pay-method-off = This method is off right now. Choose another one.
pay-description = Balance top-up, number { $number }
pay-title = 💳 <b>{ $sum }</b> · { $method }
pay-status-created = ⏳ The invoice is being made, a couple of seconds…
pay-status-pending = ① <b>Waiting for the payment.</b> It is credited by itself, you may close the chat.
pay-status-confirming = ② <b>Seen on the network, waiting for confirmations.</b> You may close the chat.
pay-status-paid = ③ ✅ <b>Paid.</b> Credited: { $credited }.
pay-status-overpaid = ③ ✅ <b>Paid with a surplus.</b> Credited: { $credited }.
pay-status-late = ⚠️ <b>The money came after the deadline</b> and waits for you: { $rest }.
pay-status-underpaid-open = ⏳ <b>A part has come.</b> Pay the rest through the same link.
pay-status-underpaid = ⚠️ <b>Paid in part.</b> We have the money, it waits for you: { $rest }.
pay-status-expired = ⌛ <b>The invoice has expired.</b> If you have sent the money, do not pay again: we will find and credit it.
pay-status-cancelled = ✖️ <b>The invoice is cancelled.</b> If you have sent the money, we will find and credit it.
pay-status-failed = ⚠️ <b>The invoice could not be made.</b> Nothing was charged. Try again or choose another method.
pay-status-review = 🔎 <b>A person is looking at this payment.</b> Your money is safe.
pay-status-refunded = ↩️ <b>The money was returned.</b>
pay-deadline = The invoice is open until { $time } MSK ({ $minutes } min left).
pay-checked = Last look: { $time } MSK.
pay-number = Number <code>{ $number }</code>
pay-open = Pay { $sum }
pay-copy-link = Copy the link
pay-check = I have paid, check it
pay-checking = Asking the provider…
pay-check-wait = Checked a moment ago. Once in { $seconds } s is enough.
pay-again = New invoice
pay-other-method = Another method
pay-taken = { $sum } is on your balance.
pay-taken-already = This money is on your balance already.
