error-promo-unknown = There is no such promo code. Check how it is spelt.
error-promo-expired = This promo code has expired.
error-promo-early = This promo code is not valid yet.
error-promo-other-bot = This promo code is for another bot of ours.
error-promo-used = You have used this promo code already.
error-promo-used-up = This promo code has no uses left.
error-promo-first-only = This promo code is for the first purchase only.
error-promo-conflict = This request already belongs to another use of a promo code.
error-promo-bad-code = A promo code is 3 to 40 Latin letters, digits, "-" and "_".
error-promo-taken = This promo code exists already.
error-promo-tries = Too many tries. Please wait ten minutes.
menu-promo = Promo code
promo-ask = 🎟 Type the promo code.
promo-offer =
    🎟 <b>{ $code }</b>

    { $effect }
promo-apply = Apply
promo-done =
    ✅ <b>The promo code is applied</b>

    { $effect }
promo-effect-money = { $sum } to your balance.
promo-effect-percent = +{ $percent }% with your next top-up.
promo-effect-minimum = The top-up is at least { $sum }.
promo-effect-maximum = The bonus is at most { $sum }.
promo-effect-discount = { $percent }% off ({ $product }): it comes back to your balance right after the purchase.
promo-effect-discount-maximum = At most { $sum }, on a purchase that is paid in this currency.
promo-effect-days = Days of the plan { $plan }: { $days }.
promo-any = any purchase
error-promo-line = That is not clear. An example: percent 20 SPRING 100 until=2027-03-01
error-promo-nowhere = There is no such plan or bot.
error-promo-all-bots = Without bot=… the code works in every bot, and some of them are not yours. Add bot={ $bot } to the line.
admin-promo = 🎟 Promo codes
admin-promo-title = 🎟 <b>Promo campaigns</b>: { $count }
admin-promo-new = New campaign
admin-promo-pause = Pause
admin-promo-resume = Resume
admin-promo-ask =
    🎟 Type one line: kind, value, code (or *number of codes), uses of each, and what else is needed:

    <code>tokens 10 HELLO 500 first=yes</code>
    <code>percent 20 SPRING 100 until=2027-03-01</code>
    <code>discount 15 *200 1 product=premium</code>
    <code>amount 5.50 GIFT 10 asset=EUR per=2</code>
    <code>days 30 PLUS30 50 plan=plus bot=main</code>
    <code>percent 10 TOPUP 300 min=50 max=200 from=2027-01-01</code>

    <code>discount 50 HALF 100 product=item max=200</code>

    Days are those of Moscow, the last one counts. per = how often for one customer. max = the most that one use gives, in tokens or in the asset=… that is paid. A discount on anything but Stars and Premium without max needs a second admin.
admin-promo-sure =
    🎟 <b>Make the promo code { $name }?</b>

    { $kind } { $value }
    Terms: { $limits }
    Codes: { $codes }, uses altogether: { $uses }
admin-promo-make = Make it
admin-promo-report =
    🎟 <b>{ $name }</b>

    { $kind } { $value }
    Terms: { $limits }
    Codes: { $codes }, uses: { $uses }, left: { $left }, customers: { $people }
    Given: { $cost }
    Paid since: { $revenue }
promo-kind-amount = Money:
promo-kind-tokens = Tokens:
promo-kind-percent = With a top-up, %:
promo-kind-discount = Discount, %:
promo-kind-days = Days of a plan:
promo-limit-asset = top-ups in { $value }
promo-limit-product = for: { $value }
promo-limit-plan = plan { $value }
promo-limit-bot = bot { $value } only
promo-limit-per = up to { $value } times for one customer
promo-limit-first = first purchase only
promo-limit-min = top-up from { $value }
promo-limit-max = bonus up to { $value }
promo-limit-discount-asset = paid in { $value }
promo-limit-discount-max = gives back up to { $value }
promo-limit-from = from { $value }
promo-limit-until = until { $value }, that day included
admin-promo-pause-ask =
    🎟 <b>Pause the codes “{ $name }”?</b>

    Before: they work, uses left: { $left }
    After: refused until you resume them
admin-promo-pause-yes = Yes, pause them
