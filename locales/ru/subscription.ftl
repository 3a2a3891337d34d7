error-subscription-unknown = Эта подписка больше не продаётся.
error-subscription-changed = Цена или срок подписки изменились. Вот новые условия; ничего не списано.
subscription-started-notice = ✅ Подписка <b>{ $plan }</b> ({ $price }) действует до { $until }.
subscription-renewed-notice = 🔁 Подписка <b>{ $plan }</b> продлена за { $price } до { $until }.
subscription-ending-notice =
    ⏳ <b>Подписка { $plan } закончится { $until }</b>

    Следующий период стоит { $price } и сам не оплатится: купите токены или оформите подписку снова.
subscription-grace-notice =
    ⚠️ <b>На балансе не хватает на подписку { $plan }: нужно { $price }</b>

    Она действует ещё три дня. Купите токены, и мы продлим её сами.
subscription-card-notice =
    💳 <b>{ $chargeDay } подписка { $plan } продлится с карты •• { $digits }</b>

    На балансе не хватает { $sum }. Столько и спишем, не больше. Если пополните баланс раньше, карту не тронем. Отказаться можно в «Подписках».
subscription-card-refused-notice =
    ⚠️ <b>С карты •• { $digits } не получилось списать { $sum } за подписку { $plan }</b>

    Подписка пока действует, завтра попробуем ещё раз. Можно не ждать и пополнить баланс.
subscription-card-failed-notice =
    ⚠️ <b>С карты •• { $digits } так и не получилось списать { $sum } за подписку { $plan }</b>

    Больше не пробуем. Чтобы подписка не закончилась, пополните баланс: она стоит { $price }.
subscription-card-over-notice =
    ⚠️ <b>С карты •• { $digits } больше нельзя списывать, мы её забыли</b>

    Подписка { $plan } пока действует. Чтобы она не закончилась, купите токены: она стоит { $price }. Новую карту можно привязать в «Подписках».
subscription-stars-failed-notice =
    ⚠️ <b>Telegram не смог списать { $price } за подписку { $plan }</b>

    Она оплачена до { $until } и действует ещё три дня. Пополните звёзды и возобновите её в настройках Telegram или оформите здесь заново.
subscription-ended-notice = Подписка <b>{ $plan }</b> закончилась. Вы можете оформить её снова.
subscription-gift-notice =
    🎁 <b>{ $from } дарит вам подписку { $plan }</b>

    Она действует до { $until }.
subscriptions-open = Подписки
error-subscription-friend = Такого покупателя у нас нет. Друг должен хотя бы раз открыть бота; напишите его @имя или id.
error-subscription-elsewhere = Эта подписка оплачена в боте { $bot }: остановите её там или в настройках Telegram.
plans-title = ⭐ <b>Подписки</b>
plans-none = У вас пока нет подписки. Выберите подходящую:
plan-prices = { $tokens } или { $stars }
plan-running = <b>{ $plan }</b> до { $until }
plan-running-renews = <b>{ $plan }</b> до { $until }, продлится сама
plan =
    ⭐ <b>{ $name }</b> на { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }

    • { $discount }{"\u00A0"}% каждой покупки возвращается на баланс (доли токена копятся); за звёзды и Premium — сколько позволит их цена
    • картинок одновременно: { $pictures }
plan-short =
    Подписка «{ $name }» стоит { $price }. Не хватает: { $lacking }.

    Оплатите разницу удобным способом, и мы сразу оформим подписку.
plan-top-up = Картой или криптой · { $sum }
plan-waiting = подписка «{ $name }»
plan-pay-rest = Доплатить
plan-still-short = Этого пока не хватает на подписку «{ $plan }». Она подождёт сутки.
plan-not-begun = Подписку «{ $plan }» уже нельзя оформить на прежних условиях. Деньги остались на вашем балансе.
plan-buy = Оформить · { $sum }
plan-gift = Подарить · { $sum }
plan-stop = Не продлевать { $plan }
plan-card = 💳 Если на балансе не хватит, спишем недостающее с карты •• { $digits }
plan-card-keep = 💳 Продлевать с карты
plan-card-ask =
    💳 <b>Продлевать с карты</b>

    Заплатите сейчас { $sum }: деньги придут на баланс, а карту запомнит платёжная система.

    Перед продлением возьмём токены и рубли с баланса. Если их не хватит, недостающее спишем с карты. Сколько и когда, напишем хотя бы за сутки. Забыть карту можно здесь же в любой момент.
plan-card-pay = Оплатить { $sum } и запомнить
plan-card-forget = Забыть карту •• { $digits }
plan-card-forget-ask =
    💳 <b>Забыть карту •• { $digits }?</b>

    С неё больше ничего не спишется. Подписки будут продлеваться только токенами с баланса.
plan-card-forget-yes = Да, забыть карту
plan-card-forgotten = Карту забыли
plan-stars =
    ⭐ <b>{ $name } за { $stars } в месяц</b>

    Telegram продлевает подписку сам, остановить можно в любой момент.
plan-invoice = Подписка { $name } на 30 дней. Telegram продлевает её сам, отменить можно в любой момент.
plan-bought = Подписка оформлена
plan-gift-ask = 🎁 Кому подарить? Напишите @имя или id друга, который уже открывал бота.
plan-gift-done = 🎁 Подписка подарена: { $name }.
plan-stopped = Больше не продлится
error-plan-line = Непонятно. Пример: days=30 tokens=90 discount=20
error-plan-range = { $what }: можно от { $min } до { $max }.
error-plan-stars = За звёзды продаются только подписки на 30 дней: так их продлевает Telegram. Поставьте 30 дней или уберите цену в звёздах.
error-plan-invalid = Не указано или вне допустимого: { $what }
error-plan-taken = Подписка { $code } уже есть: откройте её, чтобы изменить.
admin-plans = ⭐ Подписки
admin-plans-title = ⭐ <b>Подписки</b>
admin-plan-new = Новая подписка
admin-plan-edit = Изменить
admin-plan-retire = Снять с продажи
admin-plan-resell = Вернуть в продажу
admin-plan-sold = продаётся
admin-plan-retired = снята с продажи, у подписчиков продолжает действовать
admin-plan =
    ⭐ <b>{ $ru }</b> / <b>{ $en }</b> · <code>{ $code }</code>
    { $state }

    { $days ->
        [one] { $days } день
        [few] { $days } дня
       *[many] { $days } дней
    }, цена: { $tokens } или { $stars }
    Возврат с каждой покупки: { $discount }{"\u00A0"}%
    Картинок одновременно: { $pictures }
    Подписчиков: { $subscribers }
admin-plan-sure =
    ⭐ <b>Сохранить подписку</b> <code>{ $code }</code><b>?</b> Она продаётся во всех ботах. Кто уже подписан, продлевает её на прежних условиях, а если новые выгоднее — на новых.

    Было: { $before }
    Станет: { $after }
admin-plan-terms = { $ru } / { $en }, дней: { $days }, цена: { $price }, возврат { $discount }{"\u00A0"}%, картинок одновременно: { $pictures }
admin-plan-save = Сохранить
admin-plan-ask =
    ⭐ Напишите, что меняется в <code>{ $code }</code>; остальное останется. tokens или stars <code>no</code> = так не продаётся. Звёзды только на 30 дней.

    <code>tokens=90 stars=450 discount=20 pictures=4</code>
    <code>ru="Про" en="Pro"</code>
admin-plan-ask-new =
    ⭐ Напишите одной строкой код подписки и её условия. Звёзды только на 30 дней.

    <code>year days=365 tokens=900 discount=20 pictures=4 ru="Про на год" en="Pro for a year"</code>
admin-plan-retire-ask =
    ⭐ <b>Снять подписку «{ $plan }» с продажи?</b>

    Было: продаётся во всех ботах
    Станет: купить её нельзя, у подписчиков ({ $subscribers }) она продолжит действовать
admin-plan-retire-yes = Да, снять с продажи
