error-subscription-unknown = This subscription is no longer sold.
subscription-started-notice = ✅ The subscription <b>{ $plan }</b> runs until { $until }.
subscription-renewed-notice = 🔁 The subscription <b>{ $plan }</b> was renewed until { $until }.
subscription-ending-notice =
    ⏳ <b>The subscription { $plan } ends on { $until }</b>

    It will not renew by itself: top up your balance or turn the renewal on.
subscription-grace-notice =
    ⚠️ <b>Not enough tokens to renew { $plan }</b>

    It holds for three more days. Top up your balance and we renew it ourselves.
subscription-ended-notice = The subscription <b>{ $plan }</b> has ended. You can take it again.
subscriptions-open = Subscriptions
