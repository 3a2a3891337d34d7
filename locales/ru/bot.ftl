language-name = Русский
language-changed = Теперь бот говорит по-русски
back = ‹ Назад
cancel = Отмена
time-zone = МСК

bot-description =
    Токены для картинок, звёзды Telegram и Premium. Оплата звёздами, картой или криптовалютой; один баланс во всех наших ботах.
bot-short-description = Токены, звёзды и Premium в одном месте
command-start = Открыть магазин
command-buy = Купить токены
command-topup = Пополнить баланс
command-stars = Звёзды Telegram себе или другу
command-premium = Premium себе или другу
command-subscription = Подписки
command-orders = Мои покупки звёзд и Premium
command-promo = Ввести промокод
command-friends = Пригласить друзей
command-balance = Баланс и история
command-pricing = Цены
command-profile = Профиль и язык
command-help = Что умеет бот
command-paysupport = Помощь с платежом
command-terms = Условия продажи

welcome =
    👋 Здравствуйте, <b>{ $name }</b>!

    Здесь вы покупаете токены и тратите их на картинки, звёзды Telegram и Premium. Баланс общий для всех наших ботов.
menu =
    🛍 <b>Магазин</b>

    Баланс: <b>{ $balance }</b>
menu-buy = Купить токены
menu-balance = Баланс
menu-pricing = Цены
menu-profile = Профиль
menu-help = Помощь
menu-news = Канал с новостями
news-required =
    📣 <b>Один шаг до покупок</b>

    Подпишитесь на наш канал с новостями и нажмите кнопку ниже.
news-not-yet = Пока не видим вас в канале. Подпишитесь и нажмите ещё раз.
news-check = Готово, я в канале
menu-admin = 🛠 Управление
menu-open = В меню
menu-waiting = ⏳ <b>Не закончено: { $what }.</b> Не хватает: { $sum }
menu-waiting-enough = ⏳ <b>Не закончено: { $what }.</b> Денег уже хватает.
menu-waiting-pay = Доплатить { $sum }
menu-waiting-go = Продолжить
menu-waiting-drop = Отменить
order-goes-on = Денег хватает, выполняем
order-dropped = Отменено, деньги не списаны
order-over-cancelled = Отменено: { $what }. Деньги за это не списаны.
order-over-expired = Время на оплату вышло: { $what }. Деньги за это не списаны.
order-over-delivered = ✅ Оплачено: { $what }.

balance-title = 💰 <b>Ваш баланс</b>
balance-reserved = зарезервировано { $sum }
balance-part = ⏳ Пришло { $received } из { $asked }: зачислим, когда придёт остаток
balance-part-some = ⏳ Пришла часть из { $asked }: зачислим, когда придёт остаток
balance-waits = 💰 Ждут вас: { $sum }
price-and-roubles = { $tokens } и { $roubles }
balance-top-up = Купить токены
balance-history = Все операции
history-title = 🧾 <b>Операции</b>
history-empty = Операций пока нет. Первая появится, когда вы пополните баланс.
history-line = { $date } · баланс { $balance }
history-older = Раньше ›
history-newer = ‹ Новее
history-newest = ‹ Последние

operation-payment = Пополнение
operation-generation = Картинка
operation-stars = Звёзды
operation-premium = Premium
operation-telegram-gift = Подарок Telegram
operation-premium-for = { $months } мес. · { $who }
operation-tokens = Токены
operation-subscription = Подписка
operation-item = Товар
operation-adjustment = Корректировка
operation-referral = Вознаграждение за друга
operation-promo = Промокод
operation-refund = Возврат
operation-refund-taken = Списано при возврате
operation-conversion = Обмен
operation-deposit = Перевод на адрес
operation-entry = Операция другого бота
operation-hold = Зарезервировано
operation-release = Резерв вернулся

buy-packs =
    ⭐ <b>Токены за звёзды Telegram</b>

    Один токен стоит { $rate }. Выберите, сколько:
buy-price-changed = Цена изменилась. Выберите, пожалуйста, ещё раз.
buy-expired = Этому счёту больше часа, деньги не списаны. Выберите, пожалуйста, ещё раз.
buy-already-paid = Этот счёт оплачен. Чтобы купить ещё, выберите новый пакет.
buy-again = Купить ещё { $credited }
buy-invoice-description = { $tokens } на ваш баланс. Зачислим, как только Telegram подтвердит платёж.
buy-invoice =
    ⭐ <b>{ $tokens } за { $stars }</b>

    Нажмите кнопку ниже, чтобы оплатить. Токены зачислятся сами, обычно за несколько секунд. Счёт действует час.

    Номер: <code>{ $number }</code>
buy-pay = Оплатить { $stars }
checkout-unknown = Такого счёта у нас нет. Откройте /buy и выберите пакет ещё раз. Деньги не списаны.
checkout-subscribed = Эта подписка у вас уже есть, и Telegram продлевает её сам. Ничего не списано.
checkout-already-paid = Этот счёт уже оплачен. Новый — в /buy. Деньги не списаны.
checkout-expired = Этому счёту больше часа. Новый — в /buy. Деньги не списаны.
checkout-later = Сейчас мы не можем принять платёж. Попробуйте через несколько минут. Деньги не списаны.
paid-notice =
    ✅ <b>Зачислено: { $credited }</b>

    Баланс: { $balance }. Номер <code>{ $number }</code>
card-charge-unknown-notice =
    ⏳ <b>Пока не знаем, списались ли { $sum } с карты •• { $digits }</b>

    Выясняем с платёжной системой. Второй раз за это не спишем, а если деньги списались, они придут на баланс. Номер <code>{ $number }</code>
card-not-charged-notice =
    ✅ <b>С карты •• { $digits } ничего не списано</b>

    Всё выяснили: { $sum } остались у вас. Номер <code>{ $number }</code>
card-charged-notice =
    💳 <b>С карты •• { $digits } списано { $credited }</b>

    Баланс: { $balance }. Номер <code>{ $number }</code>
paid-arrived = ✅ Платёж получен: { $stars }. Сейчас зачислим — пришлём сообщение. Номер <code>{ $number }</code>
paid-card = ✅ Оплачено: { $credited }. Номер <code>{ $number }</code>
paid-card-again =
    ✅ Оплачено: { $credited }. Номер <code>{ $earlier }</code>

    Этот же счёт оплачен ещё раз: зачислено ещё { $credited }. Номер <code>{ $number }</code>
refunded-notice =
    ↩️ <b>Telegram вернул вам { $stars }</b>

    Списано с баланса: { $taken }.

pricing-title = 🏷 <b>Цены на токены</b>
pricing-reference = Токен стоит { $buy }. Когда вы платите токенами за звёзды или Premium, он засчитывается как { $sell }.

profile =
    👤 <b>{ $name }</b>

    Ваш id: <code>{ $id }</code>
    { $level }
    Язык этого бота:
profile-offer = Оферта
profile-privacy = Политика конфиденциальности

help =
    ❓ <b>Что здесь можно сделать</b>

    /buy — купить токены за звёзды Telegram
    /topup — пополнить баланс картой, криптой или переводом
    /generate — картинка по вашему описанию, /images — ваши картинки
    /stars и /premium — звёзды и Premium себе или другому по @имени
    /orders — ваши покупки звёзд и Premium
    /subscription — подписки
    /balance — ваш баланс и все операции
    /promo — ввести промокод, /friends — пригласить друзей
    /pricing — сколько стоят токены
    /profile — язык, рассылки и документы
    /terms — условия продажи
    /paysupport — если с платежом что-то не так

    Деньги не теряются: каждый платёж будет зачислен, даже если вы закроете чат.
help-support = Написать в поддержку
support =
    🛟 <b>Поддержка</b>

    Укажите свой id <code>{ $id }</code>, а если вопрос о платеже — его номер: /balance → «Мои платежи».
support-write = Написать в поддержку
terms =
    📄 <b>Условия продажи</b>

    Токены — цифровой товар, он зачисляется сразу после оплаты. Если товар не доставлен, токены вернутся на баланс; возврат звёзд делает поддержка через Telegram.

unknown-command = Я не знаю такой команды. Откройте меню: /start
unexpected-text = Не понял сообщение. Если это вопрос, передайте его поддержке: она ответит здесь же. Всё остальное — в меню.
secret-edited = Изменённые сообщения я не читаю, это я удалил. Пришлите ещё раз новым сообщением.
once-more = Бот обновлялся, и последнее действие потерялось. Повторите его, пожалуйста: ничего не списано.
stale-button = Этот экран устарел. Откройте меню заново: /start
slow-down = Слишком быстро. Подождите, пожалуйста, десять секунд.
error-files-too-many = За час можно прислать не больше { $most } файлов. Следующий можно отправить через { $minutes } мин.
failed = Не получилось из-за ошибки у нас. Мы уже знаем о ней. Попробуйте ещё раз позже: /start
health-ok = Бот работает.

refund-usage = Напишите: /refund &lt;id платежа&gt;. Он указан в подробностях платежа в Telegram.
refund-not-found = У этого бота нет платежа с таким id.
refund-not-paid = Этот платёж нельзя вернуть: его состояние — { $state }.
refund-refused =
    ⚠️ Telegram отказал в возврате <b>{ $stars }</b> покупателю <code>{ $person }</code>: { $reason }

    Токены снова у покупателя. Возврат можно повторить.
alert-ledger =
    ⚠️ <b>Учёт денег не сходится</b>

    Остановите продажи и запустите <code>npm run doctor</code>: он назовёт счета, в которых ошибка.

alert-audit-log =
    ⚠️ <b>Журнал действий изменён</b>

    Кто-то правил строки <code>{ $lines }</code> прямо в базе. Смените её пароли, сравните журнал с резервной копией и проверьте, что за эти дни делали администраторы.
alert-gains =
    ⚠️ <b>Получили больше, чем внесли</b>

    Сколько внесли → на сколько получили звёзд и Premium, ₽, за всё время:
    { $people }

    Посмотрите историю каждого: причиной бывают скидки и бонусы, которые складываются, или зачисления вручную.

error-amount-invalid = «{ $text }» — не сумма. Напишите число, например 100 или 99,50.
error-amount-unclear = «{ $text }» читается двояко: { $small } или { $large }. Отправьте ещё раз целиком, а сумму напишите без разделителя тысяч: { $small } или { $large }.
sum-unclear = «{ $text }» читается двояко. Какую сумму вы имеете в виду?
error-amount-range = «{ $text }» — слишком много.
error-balance-insufficient = На балансе не хватает средств. Пополните его: /buy

text-usage =
    ✏️ <b>Тексты этого бота</b>

    /wording ru.welcome показывает текст
    /wording ru.welcome Привет, {"{"} $name {"}"}! меняет его в этом боте
    /wording ru.welcome - возвращает общий текст

    Имена — ключи файлов в locales/.
text-is =
    <code>{ $name }</code>

    <pre>{ $text }</pre>
text-set = ✅ Текст <code>{ $name }</code> в этом боте изменён.
text-reset = ✅ Текст <code>{ $name }</code> в этом боте возвращён к общему.
error-text-unknown = Нет текста с именем «{ $name }». Напишите язык и ключ, например ru.welcome.
error-text-variables = В этом тексте нет { $unknown }. Можно использовать: { $allowed }
error-text-broken = В тексте «{ $name }» ошибка: проверьте фигурные скобки.
error-text-markup = Этот текст стоит { $place }, и Telegram примет «{ $piece }» за разметку и откажется его показывать. Уберите это или закройте тег; вместо знака «меньше» подойдёт «‹».
error-text-no-markup = Этот текст стоит { $place }, разметки там нет, и «{ $piece }» увидят как есть. Уберите это.
error-text-long = Этот текст стоит { $place }: туда помещается { $most } символов, а с длинными значениями выходит { $length }. Сократите на { $over }.
text-place-message = в сообщении
text-place-caption = в подписи под картинкой
text-place-key = на кнопке
text-place-alert = во всплывающем ответе на нажатие
text-place-error = в ответе об ошибке
text-place-checkout = в отказе при оплате
text-place-invoice = в описании счёта
text-place-command = в меню команд
text-place-about = в описании бота
text-place-short = в коротком описании бота
text-place-inline = в том, что бот предлагает в других чатах
command-admin = Управление
command-panel = Панель в браузере
command-find = Найти покупателя, заказ, платёж
command-payments = Платежи
command-requests = Заявки на пополнение
command-stats = Статистика
command-health = Состояние магазина
command-adjust = Начислить или списать
command-broadcast = Рассылки
command-export = Выгрузки
command-refund = Вернуть звёзды по номеру из чека
command-providers = Платёжные системы
command-wording = Изменить тексты бота
inline-from = от { $price }
inline-key-good = Открыть
