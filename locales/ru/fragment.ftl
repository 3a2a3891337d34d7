menu-stars = ⭐ Звёзды
menu-premium = 💎 Premium

sale-whom-stars =
    ⭐ <b>Звёзды Telegram</b>

    Придут на аккаунт по его <code>@username</code>, обычно за 1–3 минуты. Кому купить?
sale-whom-premium =
    💎 <b>Telegram Premium</b>

    Подарок на аккаунт по его <code>@username</code>, обычно за 1–3 минуты. Кому купить?
sale-self = Себе
sale-other = Другому
sale-names =
    👤 <b>Кому?</b>

    Пришлите <code>@username</code> или ссылку t.me. Нескольким — через запятую, до 10 человек: каждому своя отправка.
sale-choose-stars = Сколько звёзд?
sale-choose-premium = На какой срок?
sale-already-premium = Premium уже есть: срок продлится
sale-final = { $count ->
    [one] Проверьте получателя: отправленное вернуть нельзя.
   *[other] Проверьте получателей: отправленное вернуть нельзя. Каждый получит столько, сколько вы выберете.
}
sale-pack = { $count } · { $price }
sale-term = { $months ->
    [one] { $months } месяц
    [few] { $months } месяца
   *[many] { $months } месяцев
} · { $price }
sale-term-buy = Купить Premium
sale-own = Другое количество
sale-quantity =
    🔢 <b>Сколько звёзд?</b>

    Пришлите число от 50 до 1 000 000, одними цифрами.
sale-price = Цена: <b>{ $sum }</b>
sale-after = После покупки останется: { $balance }
sale-short = На балансе меньше. Пополните только разницу — заказ продолжится сам.
sale-buy = Купить за { $sum }
sale-buy-short = Доплатить и купить · { $sum }
sale-accepted = Принято
sale-cancelled = Заказ отменён, деньги не списаны
sale-top-up =
    ➕ <b>Не хватает { $sum }</b>

    Оплатите только разницу. Как только деньги придут, заказ продолжится сам. Ждём сутки.

    Заказ <code>{ $number }</code>
sale-top-up-stars = Оплатить { $sum }
sale-top-up-other = Пополнить на { $sum }

order-title-stars = ⭐ <b>{ $count ->
    [one] { $count } звезда
    [few] { $count } звезды
   *[many] { $count } звёзд
}</b>
order-title-premium = 💎 <b>Premium на { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
   *[many] { $count } месяцев
}</b>
order-for = Кому: { $recipient }
order-price = Цена: { $sum }
order-number = Заказ <code>{ $number }</code>
order-open = Открыть заказ
order-awaiting = ⏸ Ждём пополнения. Деньги за заказ не списаны; когда их хватит, он продолжится сам.
order-reserved = ✅ Принято, деньги зарезервированы
order-next = ⏳ Передаём в отправку
order-step-sending = Отправляем
order-step-accepted = Принято к отправке
order-step-confirming = Подтверждается в сети TON
order-promise = Обычно 1–3 минуты. Чат можно закрыть: мы напишем.
order-unknown = 🔎 Проверяем, дошло ли: связь с поставщиком прервалась. Деньги в безопасности, второй раз не отправим. Обычно до часа; мы напишем.
order-review = 🔎 Заказ проверяет администратор. Деньги в безопасности: либо доставим, либо вернём. Мы напишем.
order-delivered = ✅ <b>Доставлено</b>
order-failed = ↩️ <b>Не получилось.</b> { $sum } снова на вашем балансе.
order-refunded = ↩️ <b>Возвращено:</b> { $sum } снова на вашем балансе.
order-closed = Заказ закрыт, деньги не списаны.
order-trace = След в сети: <code>{ $trace }</code>
order-trace-link = <a href="{ $url }">Перевод в сети TON</a>
order-why-fragment-wait-supplier = ⏳ Поставщик сейчас не принимает заказы. Пробуем сами; не получится за 24 часа — вернём деньги.
order-why-fragment-recipient-unknown = У получателя больше нет этого имени или он не принимает подарки.
order-why-fragment-username-refused = Поставщик не принял имя получателя.
order-why-fragment-quantity-refused = Поставщик не принял это количество.
order-why-fragment-months-refused = Поставщик не принял этот срок.
order-why-fragment-field-refused = Поставщик не принял заказ.
order-why-fragment-not-executed = Поставщик не выполнил отправку: деньги от нас к нему не ушли.
order-why-fragment-too-late = Поставщик не принимал заказы сутки.
order-why-fragment-supplier-failed = Поставщик сообщил, что отправка не удалась.
order-why-gift-refused = Telegram не принял подарок для этого человека.
order-why-error-recipient-unknown = Получателя с таким именем больше нет.
order-why-error-recipient-changed = Под этим именем теперь другой человек.
order-why-error-sale-below-cost = Цена у поставщика выросла.
order-why-error-order-expired = Время ожидания вышло.
order-why-error-price-changed = Условия изменились.
order-why-other = Подробности знает поддержка: назовите номер заказа.
order-top-up = Пополнить
order-cancel = Отменить заказ
order-again = Купить ещё раз
order-state-awaiting_payment = ждёт пополнения
order-state-reserved = принят
order-state-fulfilling = отправляем
order-state-unknown = проверяем
order-state-review = на проверке
order-state-delivered = доставлен
order-state-failed = деньги вернулись
order-state-refunded = возвращён
order-state-draft = черновик
order-state-expired = срок вышел
order-state-cancelled = отменён

orders-mine = Мои покупки
orders-title = 🧾 <b>Мои покупки</b>
orders-empty = Покупок пока нет. Звёзды и Premium — в меню.
orders-label-stars = ⭐ { $count } · { $who }
orders-label-premium = 💎 { $count } мес. · { $who }
premium-mine = Мой Premium
premium-title = 💎 <b>Premium, который вы подключили</b>
premium-empty = Пока ничего. Здесь появятся сроки окончания.
premium-line = { $recipient } · { $months } мес. · до { $until }
premium-line-over = { $recipient } · { $months } мес. · закончился { $until }

fragment-done-stars =
    ✅ <b>Доставлено: { $count ->
        [one] { $count } звезда
        [few] { $count } звезды
       *[many] { $count } звёзд
    }</b> для @{ $recipient }
fragment-done-premium = ✅ <b>Premium на { $count } мес.</b> подключён для @{ $recipient }
fragment-done-several = { $got ->
    [0] ↩️ <b>Никому не доставлено.</b> Деньги вернулись на баланс.
   *[other] ✅ <b>Готово: доставлено { $got } из { $all }.</b> За остальных деньги вернулись на баланс.
}
fragment-checking =
    🔎 <b>Проверяем ваш заказ</b>

    Связь с поставщиком прервалась на полуслове. Деньги в безопасности; второй раз не отправим. Напишем, когда узнаем, обычно до часа.
fragment-failed =
    ↩️ <b>Заказ для @{ $recipient } не получился</b>

    { $sum } снова на вашем балансе. Причина — в заказе.
fragment-recipient-unknown =
    ↩️ <b>Получатель @{ $recipient } не найден</b>

    Имя сменилось или больше не принимает подарки. { $sum } снова на вашем балансе.
fragment-not-executed =
    ↩️ <b>Отправка для @{ $recipient } не состоялась</b>

    Мы проверили: поставщик её не выполнил. { $sum } снова на вашем балансе, можно купить ещё раз.
fragment-too-late =
    ↩️ <b>Заказ для @{ $recipient } отменён</b>

    Поставщик не принимал заказы сутки. { $sum } снова на вашем балансе.
fragment-supplier-failed =
    ↩️ <b>Отправка для @{ $recipient } не удалась</b>

    Так сообщил поставщик. { $sum } снова на вашем балансе.
fragment-refunded =
    ↩️ <b>Возврат за заказ для @{ $recipient }</b>

    { $sum } снова на вашем балансе.
fragment-not-resumed =
    ⚠️ <b>Заказ не продолжился</b>

    Пока вы пополняли баланс, условия изменились. Деньги на вашем балансе; причина — в заказе.
fragment-premium-ends =
    💎 Premium для @{ $recipient } закончится через { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }. Продлить можно здесь.
fragment-renew = Продлить

error-username-letters = ⚠️ В имени есть символ «{ $letter }»: он не латинский. Скопируйте @username из профиля получателя.
error-username-spaces = ⚠️ В имени есть пробел. Пришлите один @username; несколько — через запятую.
error-username-format = ⚠️ Это не @username: от 3 до 32 латинских букв, цифр и подчёркиваний, первая — буква.
error-recipients-many = ⚠️ Не больше { $max } получателей за раз.
error-recipient-unknown = ⚠️ Пользователя @{ $name } нет. Проверьте имя и пришлите ещё раз.
error-recipient-check = ⚠️ Сейчас не можем проверить получателя. Имя может быть верным; попробуйте через минуту. Деньги не списаны.
error-recipient-changed = ⚠️ Под именем @{ $name } теперь другой профиль. Выберите получателя ещё раз. Деньги не списаны.
error-recipient-not-here = ⚠️ @{ $name } ещё не открывал этого бота. Попросите нажать «Старт» и пришлите имя ещё раз.
error-own-username = ⚠️ У вас нет @username: задайте его в настройках Telegram, без него доставить нельзя.
error-stars-number = ⚠️ Не понимаю «{ $text }». Пришлите число цифрами, например 250.
error-stars-range = ⚠️ Можно от { $min } до { $max } звёзд за раз.
error-premium-months = ⚠️ Premium бывает на 3, 6 и 12 месяцев.
error-order-stale = Этот экран устарел. Начните заново: /stars или /premium
error-order-expired = Цена держится 15 минут, они прошли. Вот свежая; деньги не списаны.
error-price-changed = Цена изменилась. Вот новая; деньги не списаны.
error-sale-stopped = ⚠️ Продажа звёзд и Premium ненадолго остановлена. Администраторы знают. Деньги не списаны.
error-sale-below-cost = ⚠️ Этот товар сейчас не продаём: у поставщика выросла цена. Администраторы знают. Деньги не списаны.
error-sale-cost-unknown = ⚠️ Поставщик не называет цену, поэтому сейчас не продаём. Администраторы знают. Деньги не списаны.

fragment-alert-login =
    ⛔️ <b>Fragment: вход не удался</b>

    Продажа остановлена, оплаченные заказы ждут. Проверьте ключ, телефон, слова и версию кошелька.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-wallet =
    ⛔️ <b>Fragment: кошелёк почти пуст</b>

    Продажа остановлена, оплаченные заказы ждут. Пополните кошелёк: продажа продолжится сама.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-kyc =
    ⛔️ <b>Fragment требует подтвердить личность</b>

    Продажа остановлена, оплаченные заказы ждут.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-down =
    ⛔️ <b>Fragment не отвечает</b>

    Продажа остановлена, оплаченные заказы ждут. Продолжим сами, когда ответит.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-cost =
    ⛔️ <b>Fragment не называет цен</b>

    Продажа остановлена: не видно, не в убыток ли она.
    <blockquote expandable>{ $details }</blockquote>
fragment-alert-admin = ⛔️ <b>Продажа звёзд и Premium остановлена администратором.</b> { $details }
fragment-alert-below-cost =
    ⚠️ <b>Продажа в убыток отклонена</b>

    Цена поставщика выше нашей: { $details }. Поднимите цену или проверьте курс.
fragment-alert-low =
    ⚠️ <b>Fragment: на кошельке мало</b>

    Осталось { $balance }. Пополните, пока продажа не остановилась.
fragment-alert-review =
    🔎 <b>Заказ ждёт решения</b>

    Чем кончилась отправка, узнать не удалось: <code>{ $order }</code>
fragment-alert-late =
    ⚠️ <b>Доставлено после возврата</b>

    Заказ <code>{ $order }</code>: деньги покупателю вернулись, а поставщик всё же доставил ({ $reference }). Это убыток.
fragment-resumed = ✅ Fragment: причина «{ $reason }» устранена.
fadmin-open = Открыть Fragment
error-order-moved = Заказ уже не в том состоянии. Откройте его заново.
error-retry-unsafe = Повторить нельзя: первая покупка могла состояться. Проверьте кошелёк и заказ у поставщика.
