error-subscription-unknown = Эта подписка больше не продаётся.
subscription-started-notice = ✅ Подписка <b>{ $plan }</b> действует до { $until }.
subscription-renewed-notice = 🔁 Подписка <b>{ $plan }</b> продлена до { $until }.
subscription-ending-notice =
    ⏳ <b>Подписка { $plan } закончится { $until }</b>

    Она не продлится сама: пополните баланс или включите продление.
subscription-grace-notice =
    ⚠️ <b>На продление подписки { $plan } не хватило токенов</b>

    Она действует ещё три дня. Пополните баланс, и мы продлим её сами.
subscription-ended-notice = Подписка <b>{ $plan }</b> закончилась. Вы можете оформить её снова.
subscriptions-open = Подписки
