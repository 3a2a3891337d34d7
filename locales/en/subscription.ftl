error-subscription-unknown = This plan is no longer sold.
error-subscription-changed = The price or the days of this plan have changed. Here it is as it is now; nothing was charged.
subscription-started-notice = ✅ The plan <b>{ $plan }</b> ({ $price }) runs until { $until }.
subscription-renewed-notice = 🔁 The plan <b>{ $plan }</b> was renewed for { $price } until { $until }.
subscription-ending-notice =
    ⏳ <b>The plan { $plan } ends on { $until }</b>

    The next period costs { $price } and will not be paid by itself: buy tokens or subscribe again.
subscription-grace-notice =
    ⚠️ <b>Not enough tokens to renew { $plan }: { $price } are needed</b>

    It holds for three more days. Buy tokens and we renew it ourselves.
subscription-card-notice =
    💳 <b>On { $chargeDay } the plan { $plan } renews from the card •• { $digits }</b>

    Your balance is { $sum } short. We charge just that and no more. If you top up before then, the card is left alone. You can opt out under “Plans”.
subscription-card-refused-notice =
    ⚠️ <b>The card •• { $digits } did not pay { $sum } for { $plan }</b>

    The plan still holds, and we try once more tomorrow. You can also top up your balance now.
subscription-card-failed-notice =
    ⚠️ <b>The card •• { $digits } still did not pay { $sum } for { $plan }</b>

    We do not try again. Top up your balance to keep the plan: it costs { $price }.
subscription-card-over-notice =
    ⚠️ <b>The card •• { $digits } takes no more charges, so we have forgotten it</b>

    The plan { $plan } still holds. Buy tokens to keep it: it costs { $price }. You can add another card under “Plans”.
subscription-stars-failed-notice =
    ⚠️ <b>Telegram could not charge { $price } for { $plan }</b>

    It is paid until { $until } and holds for three more days. Top up your Stars and resume it in Telegram's settings, or subscribe here again.
subscription-ended-notice = The plan <b>{ $plan }</b> has ended. You can subscribe again.
subscription-gift-notice =
    🎁 <b>{ $from } gives you the plan { $plan }</b>

    It runs until { $until }.
subscriptions-open = Plans
error-subscription-friend = We do not know this customer. Your friend has to open the bot once; type their @name or id.
error-subscription-elsewhere = This plan was paid in the bot { $bot }: stop it there or in Telegram's settings.
plans-title = ⭐ <b>Plans</b>
plans-none = You have no plan yet. Choose one:
plan-prices = { $tokens } or { $stars }
plan-running = <b>{ $plan }</b> until { $until }
plan-running-renews = <b>{ $plan }</b> until { $until }, renews by itself
plan =
    ⭐ <b>{ $name }</b> for { $days ->
        [one] { $days } day
       *[other] { $days } days
    }

    • { $discount }% of every purchase comes back to your balance (parts of a token add up); for Stars and Premium, as much as their price allows
    • pictures at once: { $pictures }
plan-short =
    { $name } costs { $price }. You are { $lacking } short.

    Pay the difference any way you like, and your plan begins at once.
plan-top-up = By card or crypto · { $sum }
plan-waiting = plan “{ $name }”
plan-pay-rest = Pay the rest
plan-still-short = That is not enough for the plan “{ $plan }” yet. It waits for a day.
plan-not-begun = The plan “{ $plan }” is no longer available on those terms. Your money stays on your balance.
plan-buy = Subscribe · { $sum }
plan-gift = As a gift · { $sum }
plan-stop = Stop renewing { $plan }
plan-card = 💳 What your balance lacks is charged to the card •• { $digits }
plan-card-keep = 💳 Renew from a card
plan-card-ask =
    💳 <b>Renew from a card</b>

    Pay { $sum } now: the money goes to your balance, and the payment system remembers the card.

    A renewal takes tokens and roubles from your balance first. Only what is missing is charged to the card. We tell you how much and when, at least a day before. You can have the card forgotten here at any time.
plan-card-pay = Pay { $sum } and remember it
plan-card-forget = Forget the card •• { $digits }
plan-card-forget-ask =
    💳 <b>Forget the card •• { $digits }?</b>

    Nothing more is charged to it. Plans renew from the tokens on your balance alone.
plan-card-forget-yes = Yes, forget the card
plan-card-forgotten = The card is forgotten
plan-stars =
    ⭐ <b>{ $name } for { $stars } a month</b>

    Telegram renews the plan by itself; you can stop it at any time.
plan-invoice = Plan { $name } for 30 days. Telegram renews it by itself; you can cancel at any time.
plan-bought = The plan is yours
plan-gift-ask = 🎁 For whom? Type the @name or id of a friend who has opened the bot before.
plan-gift-done = 🎁 The plan is given to { $name }.
plan-stopped = It will not renew
error-plan-line = That is not clear. An example: days=30 tokens=90 discount=20
error-plan-range = { $what }: from { $min } to { $max }.
error-plan-stars = Only plans of 30 days are sold for Stars, because Telegram renews them so. Set 30 days, or leave out the price in Stars.
error-plan-invalid = Missing or out of range: { $what }
error-plan-taken = There is a plan { $code } already: open it to change it.
admin-plans = ⭐ Plans
admin-plans-title = ⭐ <b>Plans</b>
admin-plan-new = New plan
admin-plan-edit = Change
admin-plan-retire = Retire
admin-plan-resell = Sell again
admin-plan-sold = on sale
admin-plan-retired = retired: not sold, runs on for those who have it
admin-plan =
    ⭐ <b>{ $ru }</b> / <b>{ $en }</b> · <code>{ $code }</code>
    { $state }

    { $days ->
        [one] { $days } day
       *[other] { $days } days
    }, price: { $tokens } or { $stars }
    Back from every purchase: { $discount }%
    Pictures at once: { $pictures }
    Subscribers: { $subscribers }
admin-plan-sure =
    ⭐ <b>Save the plan</b> <code>{ $code }</code><b>?</b> It is sold in every bot. Subscribers renew on the terms they agreed to, or on the new ones where those are better for them.

    Before: { $before }
    After: { $after }
admin-plan-terms = { $ru } / { $en }, days: { $days }, price: { $price }, { $discount }% back, pictures at once: { $pictures }
admin-plan-save = Save
admin-plan-ask =
    ⭐ Type what changes in <code>{ $code }</code>; the rest stays. tokens or stars <code>no</code> = not sold so. Stars are for 30 days only.

    <code>tokens=90 stars=450 discount=20 pictures=4</code>
    <code>ru="Про" en="Pro"</code>
admin-plan-ask-new =
    ⭐ Type one line: the code of the plan and what it has. Stars are for 30 days only.

    <code>year days=365 tokens=900 discount=20 pictures=4 ru="Про на год" en="Pro for a year"</code>
admin-plan-retire-ask =
    ⭐ <b>Take the plan “{ $plan }” off sale?</b>

    Before: sold in every bot
    After: nobody can buy it, it runs on for its subscribers ({ $subscribers })
admin-plan-retire-yes = Yes, take it off sale
