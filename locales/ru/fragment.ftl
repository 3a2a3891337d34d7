menu-stars = ⭐ Звёзды
menu-premium = 💎 Premium
menu-telegram-gift = 🎁 Подарки

sale-whom-stars =
    ⭐ <b>Звёзды Telegram</b>

    Придут на аккаунт по его <code>@username</code>, обычно за 1–3 минуты. Кому купить?
sale-whom-premium =
    💎 <b>Telegram Premium</b>

    Подарок на аккаунт по его <code>@username</code>, обычно за 1–3 минуты. Кому купить?
sale-whom-telegram-gift =
    🎁 <b>Подарок Telegram</b>

    Появится в профиле получателя, подарит его этот бот. Получатель должен хотя бы раз открыть этого бота. Кому подарить?
sale-self = Себе
sale-other = Другому
sale-names =
    👤 <b>Кому?</b>

    Пришлите <code>@username</code> или ссылку t.me. Если получателей несколько, перечислите их через запятую, до 10: каждому отправим отдельно.
sale-contacts-ask = 👇 Или выберите из контактов
sale-contacts = 👥 Выбрать из контактов
sale-contacts-picked = 👤 Выбрано: { $names }
reply-keys-closed = Выбор из контактов закрыт.
sale-choose-stars = Сколько звёзд?
sale-choose-premium = На какой срок?
sale-choose-telegram-gift = Что подарить?
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
sale-telegram-gift = { $gift } · { $price }
sale-term-buy = Купить Premium
sale-own = Другое количество
sale-quantity =
    🔢 <b>Сколько звёзд?</b>

    Пришлите число от 50 до 1 000 000, одними цифрами.
sale-price = Цена: <b>{ $sum }</b>
sale-plan-back = Подписка сразу вернёт на баланс { $sum }.
sale-after = После покупки останется: { $balance }
sale-short = На балансе не хватает. Доплатите разницу, и мы сразу выполним заказ.
sale-buy = Купить за { $sum }
sale-buy-short = Доплатить { $sum } и купить
sale-accepted = Принято
sale-cancelled = Заказ отменён, деньги не списаны
sale-top-up =
    ➕ <b>Не хватает { $sum }</b>

    Оплатите только разницу. Как только деньги придут, заказ продолжится сам. Ждём сутки.

    Заказ <code>{ $number }</code>
sale-top-up-stars = { $parts ->
    [1] Оплатить { $sum }
   *[other] Оплатить { $sum } · счёт 1 из { $parts }
}
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
order-title-telegram-gift = <b>{ $gift } Подарок Telegram</b>
order-for = Кому: { $recipient }
order-price = Цена: { $sum }
order-number = Заказ <code>{ $number }</code>
waiting-stars = { $count ->
    [one] { $count } звезда
    [few] { $count } звезды
   *[many] { $count } звёзд
}
waiting-premium = Premium на { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
   *[many] { $count } месяцев
}
waiting-telegram-gift = { $gift } Подарок Telegram
order-open = Открыть заказ
order-awaiting = ⏸ Ждём пополнения. Деньги за заказ не списаны; когда их хватит, он продолжится сам.
order-reserved = ✅ Принято, деньги зарезервированы
order-next = ⏳ Передаём в отправку
order-step-sending = Отправляем
order-step-accepted = Принято к отправке
order-step-confirming = Подтверждается в сети TON
order-promise = Обычно 1–3 минуты. Чат можно закрыть: мы напишем.
order-unknown = 🔎 Проверяем, дошло ли: связь с поставщиком прервалась. Деньги в безопасности, второй раз не отправим. Если поставщик не ответит, решит администратор; мы напишем.
order-review = 🔎 Заказ проверяет администратор. Деньги в безопасности: либо доставим, либо вернём. Мы напишем.
order-delivered = ✅ <b>Доставлено</b>
order-failed = ↩️ <b>Не получилось.</b> { $sum } снова на вашем балансе.
order-refunded = ↩️ <b>Возвращено:</b> { $sum } снова на вашем балансе.
order-closed = Заказ закрыт, деньги не списаны.
order-trace = Транзакция: <code>{ $trace }</code>
order-trace-link = <a href="{ $url }">Перевод в сети TON</a>
order-why-fragment-wait-supplier = ⏳ Поставщик сейчас не принимает заказы. Пробуем сами; не получится за 24 часа — вернём деньги.
order-why-fragment-recipient-unknown = У получателя больше нет этого имени или он не принимает подарки.
order-why-fragment-username-refused = Поставщик не принял имя получателя.
order-why-fragment-quantity-refused = Поставщик не принял это количество.
order-why-fragment-months-refused = Поставщик не принял этот срок.
order-why-fragment-field-refused = Поставщик не принял заказ.
order-why-fragment-not-executed = Поставщик ничего не отправил и денег за это не взял.
order-why-fragment-too-late = Поставщик не принимал заказы сутки.
order-why-fragment-supplier-failed = Поставщик сообщил, что отправка не удалась.
order-why-gift-refused = Telegram не принял подарок для этого получателя.
order-why-gift-sold-out = В Telegram такие подарки закончились.
order-why-error-gift-gone = В Telegram такие подарки закончились или стали стоить иначе.
order-why-error-recipient-unknown = Получателя с таким именем больше нет.
order-why-error-recipient-changed = Под этим именем теперь другой профиль.
order-why-error-sale-below-cost = Цена у поставщика выросла.
order-why-error-order-expired = Время ожидания вышло.
order-why-error-price-changed = Условия изменились.
order-why-other = Подробности подскажет поддержка: назовите номер заказа.
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
orders-label-telegram-gift = { $gift } { $who }
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
fragment-done-premium = ✅ <b>Premium на { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
   *[many] { $count } месяцев
}</b> подключён для @{ $recipient }
fragment-done-telegram-gift = ✅ <b>{ $gift } Подарок доставлен</b>: @{ $recipient }
fragment-done-several = { $got ->
    [0] ↩️ <b>Никому не доставлено.</b> Деньги вернулись на баланс.
   *[other] ✅ <b>Готово: доставлено { $got } из { $all }.</b> За остальных деньги вернулись на баланс.
}
fragment-done-all = ✅ <b>Готово: доставлено { $all } из { $all }.</b>
fragment-checking =
    🔎 <b>Проверяем ваш заказ</b>

    Связь с поставщиком прервалась. Деньги в безопасности; второй раз не отправим. Напишем, когда узнаем; если поставщик не ответит за полчаса, решит администратор.
fragment-failed =
    ↩️ <b>Заказ для @{ $recipient } не получился</b>

    { $sum } снова на вашем балансе. Причина — в заказе.
fragment-recipient-unknown =
    ↩️ <b>Получатель @{ $recipient } не найден</b>

    Получатель сменил имя или не принимает подарки. { $sum } снова на вашем балансе.
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
error-username-invisible = ⚠️ В имени есть невидимый символ: на месте { $place } стоит знак, которого не видно. Наберите @username заново или скопируйте из профиля.
error-username-link = ⚠️ Эта ссылка ведёт не на профиль (приглашение, прокси, стикеры, буст…). Пришлите @username или ссылку вида t.me/имя.
error-username-spaces = ⚠️ В имени есть пробел. Пришлите один @username; несколько — через запятую.
error-username-format = ⚠️ Это не @username: от 3 до 32 латинских букв, цифр и подчёркиваний, первая — буква.
error-recipients-many = ⚠️ Не больше { $max } получателей за раз.
error-recipient-unknown = ⚠️ Профиля @{ $name } нет. Проверьте имя и пришлите ещё раз.
error-recipient-check = ⚠️ Сейчас не можем проверить получателя. Имя может быть верным; попробуйте через минуту. Деньги не списаны.
error-recipient-often = ⚠️ За минуту вы проверили слишком много имён. Повторите через { $seconds } с. Деньги не списаны.
error-recipient-changed = ⚠️ Под именем @{ $name } теперь другой профиль. Выберите получателя ещё раз. Деньги не списаны.
error-recipient-not-here = ⚠️ @{ $name } ещё не открывал этого бота. Попросите нажать «Старт» и пришлите имя ещё раз.
error-contact-username = { $count ->
    [one] ⚠️ { $names }: нет @username, без него доставить нельзя. Попросите задать его в настройках Telegram или выберите другого получателя.
   *[other] ⚠️ { $names }: нет @username, без него доставить нельзя. Попросите задать его в настройках Telegram или выберите других получателей.
}
error-own-username = ⚠️ У вас нет @username: задайте его в настройках Telegram, без него доставить нельзя.
error-stars-number = ⚠️ Не понимаю «{ $text }». Пришлите число цифрами, например 250.
error-stars-range = ⚠️ Можно от { $min } до { $max } звёзд за раз.
error-gift-gone = ⚠️ Этого подарка больше нет в продаже. Выберите другой.
error-gift-check = ⚠️ Telegram не отвечает, какие подарки есть. Попробуйте через минуту, деньги не списаны.
error-premium-months = ⚠️ Premium бывает на 3, 6 и 12 месяцев.
error-order-stale = Этот экран устарел. Начните заново: /stars или /premium
error-order-over = Этот заказ уже отменён или завершён: платить по нему не нужно.
error-order-expired = Цена держится 15 минут, они прошли. Вот свежая; деньги не списаны.
error-price-changed = Цена изменилась. Вот новая; деньги не списаны.
error-sale-stopped = ⚠️ Продажа звёзд и Premium ненадолго остановлена. Администраторы знают. Деньги не списаны.
error-sale-too-large = ⚠️ Столько сейчас доставить не можем. Выберите меньше или зайдите позже: администраторы знают. Деньги не списаны.
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

    Продажа остановлена, оплаченные заказы ждут. Ответьте в кабинете поставщика, затем нажмите «Продолжить продажу».
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
fragment-alert-too-large =
    ⚠️ <b>Кошелёк поставщика: не хватает на заказ</b>

    Хотели { $details } — больше, чем останется после уже оплаченных заказов. Мы отказали до оплаты. Пополните кошелёк.
fragment-alert-low =
    ⚠️ <b>Кошелёк поставщика: мало денег</b>

    Осталось { $balance }. Пополните, пока продажа не остановилась.
fragment-alert-review =
    🔎 <b>Заказ ждёт решения</b>

    Чем кончилась отправка, узнать не удалось: <code>{ $order }</code>
fragment-alert-late =
    ⚠️ <b>Доставлено после возврата</b>

    Заказ <code>{ $order }</code>: деньги покупателю вернулись, а поставщик всё же доставил ({ $reference }). Это убыток.
fragment-alert-contradicted =
    ⚠️ <b>Отметили доставленным, а доставки не было</b>

    Заказ <code>{ $order }</code>: администратор отметил его доставленным, теперь поставщик сообщает о неудаче ({ $reference }). Покупатель заплатил ни за что: верните деньги за заказ.
fragment-alert-twice =
    ⚠️ <b>Доставлено дважды</b>

    Заказ <code>{ $order }</code>: поставщик выполнил и покупку, в которой отказал, и следующую за ней. Лишняя — попытка { $attempt } ({ $reference }), с кошелька ушло { $cost }. Потребуйте их у поставщика.
fragment-alert-twice-perhaps =
    🔎 <b>Возможно, куплено дважды</b>

    Заказ <code>{ $order }</code> доставлен покупкой, в которой поставщик отказал. Чем кончилась следующая, попытка { $attempt }, узнать не удалось: спросите поставщика.
fragment-resumed = ✅ Fragment: причина «{ $reason }» устранена.
fadmin-open = Открыть Fragment

fadmin-title = 🧩 <b>Звёзды и Premium</b>
fadmin-selling = ✅ Продаём
fadmin-stopped = ⛔️ Не продаём: { $reason } (с { $since }) <i>{ $details }</i>
fadmin-reason-login = вход не удался
fadmin-reason-wallet = кошелёк почти пуст
fadmin-reason-kyc = нужно подтвердить личность
fadmin-reason-down = поставщик не отвечает
fadmin-reason-cost = поставщик не называет цен
fadmin-reason-admin = остановлено администратором
fadmin-details-down = Пять запросов подряд остались без ответа.
fadmin-details-cost = Прайс-листа нет уже шесть часов.
fadmin-details-wallet = В кошельке { $balance }.
fadmin-details-wallet-owed = В кошельке { $balance }, из них { $owed } нужны на оплаченные заказы.
fadmin-details-gas = На комиссию сети есть { $balance }, а нужно не меньше { $needed }.
fadmin-wallet-unknown = 👛 Кошелёк у поставщика ещё не прочитан.
fadmin-wallet = 👛 Кошелёк у поставщика: { $sum } ({ $when })
fadmin-wallet-runway = 👛 Кошелёк у поставщика: { $sum } ({ $when }) · { $daily } в день · хватит на { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}
fadmin-limits = Предупреждение ниже { $warn }, остановка ниже { $stop }
fadmin-prices = Цены и условия
fadmin-keys = Доступы
fadmin-check = Проверить сейчас
fadmin-checking = Проверяем: обновите через несколько секунд
fadmin-stop = Остановить продажу
fadmin-sell = Продолжить продажу
fadmin-list = 📋 <b>Заказы: { $state }</b>
fadmin-list-empty = 📋 <b>Заказы: { $state }</b>. Таких нет.
fadmin-buyer = Покупатель <code>{ $person }</code> · { $sum }
fadmin-attempt = Попытка { $number } · { $supplier } · { $state } · <code>{ $ref }</code>
fadmin-no-attempt = Поставщику ещё не передавали.
fadmin-attempt-sent = отправлена, ответа ещё нет
fadmin-attempt-done = выполнена
fadmin-attempt-refused = точно не выполнена
fadmin-attempt-unknown = исход неизвестен
fadmin-evidence-untouched = 👛 Кошелёк: было { $before }, учтено покупок { $booked }, сейчас { $now }. <b>Расхождения нет.</b> Так же выглядит пополнение на ту же сумму и запоздалое списание.
fadmin-evidence-charged = 👛 Кошелёк: было { $before }, учтено покупок { $booked }, сейчас { $now }. <b>Не объяснено { $missing }: похоже, куплено.</b>
fadmin-evidence-unclear = 👛 Кошелёк не даёт ответа: { $why }
fadmin-unclear-no-base = до покупки его ни разу не читали.
fadmin-unclear-open = { $count ->
        [one] в пути ещё { $count } покупка
        [few] в пути ещё { $count } покупки
       *[many] в пути ещё { $count } покупок
    }.
fadmin-unclear-murky = { $count ->
        [one] не знаем, сколько стоила ещё { $count } покупка
        [few] не знаем, сколько стоили ещё { $count } покупки
       *[many] не знаем, сколько стоили ещё { $count } покупок
    }.
fadmin-unclear-filled = с тех пор его пополняли.
fadmin-unclear-not-read = за последние две минуты его не читали.
fadmin-evidence-stars = ⭐ Список звёзд бота: { $given ->
        [0] такого подарка этому получателю нет
        [one] { $given } такой подарок этому получателю без заказа ({ $times })
        [few] { $given } таких подарка этому получателю без заказа ({ $times })
       *[many] { $given } таких подарков этому получателю без заказа ({ $times })
    }. Других заказов с неясным исходом на такой же подарок: { $rivals }.
fadmin-retry-safe = 🟢 Повторить безопасно: покупки точно не было.
fadmin-retry-unsafe = 🔴 Повторять нельзя: может получиться вторая покупка.
fadmin-do-delivered = Доставлено
fadmin-do-failed = Вернуть деньги
fadmin-do-retry = Повторить
fadmin-do-refund = Возврат за доставленное
fadmin-ask-delivered =
    Заказ <code>{ $number }</code> доставлен?

    С резерва покупателя <code>{ $person }</code> спишется { $sum }.
fadmin-ask-failed =
    Заказ <code>{ $number }</code> не выполнен?

    { $sum } вернутся с резерва на баланс <code>{ $person }</code>. Если покупка всё же была, это ваш убыток.
fadmin-ask-retry =
    Повторить заказ <code>{ $number }</code>?

    Предыдущая попытка точно не выполнена; деньги ({ $sum }) остаются в резерве.
fadmin-ask-refund =
    Вернуть { $sum } за доставленный заказ <code>{ $number }</code>?

    Деньги вернутся на баланс покупателя <code>{ $person }</code> из нашей выручки.
fadmin-decided = Записано
fadmin-decision-asked = ⏳ Решение принято: «{ $decision }». Сейчас исполним.
fadmin-decision-order-moved = Решение по заказу <code>{ $number }</code> не исполнено: заказ успел перейти в другое состояние. Деньги не тронуты.
fadmin-decision-retry-unsafe = Заказ <code>{ $number }</code> не повторён: больше не доказано, что покупки не было. Деньги не тронуты.
fadmin-decision-gave-up = Решение по заказу <code>{ $number }</code> исполнить не удалось: все попытки кончились ошибкой. Деньги не тронуты. Откройте заказ и примите решение ещё раз.
fadmin-prices-title = 🏷 <b>Цены и условия</b>
fadmin-field = { $name }: <code>{ $value }</code>
fadmin-field-star = Цена звезды, ₽
fadmin-field-premium = Premium, ₽
fadmin-field-gifts = Подарки Telegram, ₽
fadmin-field-packs = Пакеты звёзд
fadmin-field-rates = Курс монет, ₽
fadmin-field-terms = Условия
fadmin-change = Изменить: { $name }
fadmin-way-fragment = Premium: через поставщика
fadmin-way-bot-stars = Premium: звёздами бота
fadmin-no-cost = Поставщик не назвал цен: маржа неизвестна.
fadmin-margin = { $goods }: { $price } − { $cost } = <b>{ $left }</b>
fadmin-margin-loss = ⚠️ { $goods }: { $price } − { $cost } = <b>{ $left }</b>, не продаём
fadmin-ask-value =
    ✏️ <b>{ $name }</b>

    Сейчас: <code>{ $value }</code>
    Пришлите новое значение в том же виде.
fadmin-gifts-ask = Пишите так: номер подарка, двоеточие, цена. Без цены подарок не продаётся; «—» снимает с продажи все. Сейчас в Telegram:
fadmin-gift-line = { $gift } { $stars } ⭐ <code>{ $id }</code>
fadmin-keys-title = 🔑 <b>Доступы к поставщику</b>
fadmin-key-apiKey = Ключ API
fadmin-key-phoneNumber = Телефон
fadmin-key-mnemonics = Слова кошелька
fadmin-key-none = нет
fadmin-words =
    { $count ->
        [one] { $count } слово
        [few] { $count } слова
       *[many] { $count } слов
    }
fadmin-login-failed = ⛔️ Последний вход не удался: <i>{ $details }</i>
fadmin-key-checking = ⏳ Проверяем у поставщика. Это может занять полминуты.
fadmin-key-works = ✅ { $name }: поставщик пустил нас с новым значением, дальше работаем с ним.
fadmin-key-saved = { $name }: сохранено. Чтобы нас пустили, поставщику нужны все три значения.
fadmin-key-refused = ⚠️ { $name }: с новым значением поставщик нас не пускает, поэтому работаем со старым. Если меняете весь аккаунт, пришлите и остальные значения: проверим их вместе. <i>{ $details }</i>
fadmin-key-away = ⚠️ { $name }: поставщик не отвечает, поэтому новое значение не проверено и мы работаем со старым. Пришлите его ещё раз через несколько минут. <i>{ $details }</i>
fadmin-ask-key =
    ✏️ <b>{ $name }</b>

    Пришлите новое значение. Сообщение мы сразу удалим, а значение сохраним зашифрованным.
error-order-moved = Заказ уже в другом состоянии. Откройте его ещё раз.
error-order-decided = По этому заказу решение уже принято, оно исполняется.
error-retry-unsafe = Повторить нельзя: не доказано, что покупки не было.
error-value-invalid = ⚠️ Не подходит. Пример: { $value }
error-key-invalid = ⚠️ Не подходит: ключ — от 4 символов, телефон — цифры, слов должно быть 24.
fadmin-section = ⭐ Звёзды, Premium, подарки
fadmin-waiting = Заказы звёзд и Premium на проверке: { $count }
fragment-alert-bot-stars =
    ⚠️ <b>У бота { $bot } не хватает звёзд на Premium и подарки</b>

    Оплаченные заказы ждут. Пополните звёзды бота. Premium можно переключить на поставщика, в /fragment.
fadmin-stop-ask =
    ⛔️ <b>Остановить продажу звёзд и Premium?</b>

    Было: продаём во всех ботах
    Станет: не продаём, пока её не продолжат здесь

    Оплаченные заказы подождут.
fadmin-stop-yes = Да, остановить продажу
fadmin-term-currency = валюта
fadmin-term-warnBalance = предупреждать ниже
fadmin-term-stopBalance = останавливать ниже
fadmin-term-sellWithoutCost = продавать без цены поставщика
fadmin-term-walletVersion = версия кошелька
fadmin-term-true = да
fadmin-term-false = нет
inline-stars = Себе или кому угодно по @username.
inline-premium = Себе или другу: нужен только @username.
inline-telegram-gift = Подарок в профиль друга по его @username.
