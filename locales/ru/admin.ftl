admin-title =
    🛠 <b>Управление</b> · { $bot }
    Ваша роль: { $role }
admin-quiet = Всё спокойно: ничего не ждёт вашего решения.
admin-waiting = { $section }: { $count }
admin-count-failed = сейчас не посчитать
admin-find = 🔎 Найти
admin-section-waiting = ✋ Согласовать
admin-section-letters = ✉️ Ошибки
admin-section-settings = ⚙️ Настройки
admin-section-health = 🩺 Состояние
admin-section-journal = 📜 Журнал
admin-section-roles = 👮 Роли
admin-waiting-adjustments =
    { $count ->
        [one] Ждёт согласования { $count } корректировка
        [few] Ждут согласования { $count } корректировки
       *[many] Ждут согласования { $count } корректировок
    }
admin-waiting-letters =
    { $count ->
        [one] { $count } задание остановилось с ошибкой
        [few] { $count } задания остановились с ошибкой
       *[many] { $count } заданий остановились с ошибкой
    }
approve = Подтвердить
decline = Отклонить

role-read-only = только просмотр
role-support = поддержка
role-admin = администратор
role-owner = владелец

find-ask =
    🔎 <b>Что найти?</b>

    Пришлите id, имя или @имя покупателя, номер заказа или платежа либо номер списания из чека. Можно переслать и сообщение покупателя.
find-several = 🔎 По запросу «{ $word }» нашлось:
find-nothing = 🔎 По запросу «{ $word }» ничего не нашлось. Попробуйте другое имя, id или номер.
find-person = 👤
find-order = 📦
find-payment = 💳

person-since = С нами с { $date } · язык: { $language }
person-banned = ⛔ Заблокирован { $date }: { $reason }
person-paid = 💳 Оплачено: { $sums }
person-orders =
    📦 { $good }: { $orders ->
        [one] { $orders } заказ
        [few] { $orders } заказа
       *[many] { $orders } заказов
    }, доставлено { $delivered }, в работе { $unfinished }
person-bot = { $bot } · был(а) { $date }
person-bot-blocked = { $bot } · остановил(а) бота { $date }
person-credit = ➕ Начислить
person-debit = ➖ Списать
person-history = 🧾 Операции
person-deals = 📦 Покупки
person-write = ✉️ Написать
person-ban = ⛔ Заблокировать
person-unban = Разблокировать
write-ask = ✉️ Напишите сообщение покупателю <code>{ $id }</code>. Бот пришлёт его от имени поддержки.
written-by-support =
    🛟 <b>Сообщение от поддержки</b>

    { $text }
ban-ask = ⛔ Напишите, за что закрыть доступ покупателю <code>{ $id }</code>. Причину он увидит; деньги останутся на его балансе.
ban-admin = Администратора заблокировать нельзя: сначала заберите роль.
ban-lifted = Доступ возвращён.
banned = Доступ к боту закрыт.
banned-reason =
    ⛔ <b>Доступ к боту закрыт</b>

    Причина: { $reason }. Деньги на балансе сохранены.

deals-title = 📦 <b>Заказы и платежи</b> · <code>{ $person }</code>
deals-empty = У <code>{ $person }</code> здесь пока ничего нет.
deal-person = 👤 Покупатель
deal-story = 🧾 Технический журнал
story-title-order = заказ { $id }
story-title-payment = платёж { $id }
story-title-person = покупатель { $id }
story-title-named = покупатель { $id } ({ $of })
story-title-update = обновление { $id } бота { $of }
story-title-job = задание { $id }
story-title-posting = проводка { $id }
story-kind-order = заказ
story-kind-attempt = попытка
story-kind-payment = платёж
story-kind-event = событие
story-kind-refund = возврат
story-kind-ledger = проводка
story-kind-job = задание
story-kind-audit = админ
story-kind-update = обновление
story-kind-support = письмо
story-order = { $id } создан: { $good }, { $price }, покупатель { $person }, бот { $bot }{ $part }; сейчас: { $state }
story-part = , часть заказа { $parent }
story-new = новый
story-moved = { $id } { $from } → { $to } · { $actor }{ $why }
story-noted = { $id } пометка · { $actor }{ $why }
story-attempt = { $id } № { $number }: запрос, { $supplier }
story-attempt-ended = { $id } № { $number }: { $state }{ $ref }
story-there = , номер там { $ref }
story-payment = { $id } создан: { $sum }, { $way }, покупатель { $person }{ $ref }; сейчас: { $state }
story-paid = { $id } оплачен{ $came }
story-came = , пришло { $sum }
story-event = { $id } { $way }: { $kind } ({ $event })
story-refund = { $payment } запросил админ { $admin } ({ $id }){ $why }
story-refund-elsewhere = { $payment } сделан не отсюда ({ $id }){ $why }
story-refund-ended = { $payment } { $state }{ $why }
story-posting = { $reference } ({ $kind }): { $moves }
story-held = { $who } резерв
story-job = { $key } поставлено ({ $job })
story-job-ended = { $key } { $state }, постановок в очередь: { $count }{ $why }
story-job-done = выполнено
story-job-queued = в очереди
story-job-dead = остановлено
story-audit = { $actor } { $action } · { $target } { $details }
story-nobody = система
account-sales = продажи
account-adjustments = корректировки
account-promo = промо
account-referral = вознаграждения
account-affiliate = партнёры Telegram
account-stars-gifts = подарки и Premium за звёзды бота
account-stars-fees = сборы Telegram
account-stars-withdrawn = вывод звёзд
account-stars-other = прочие движения звёзд
account-conversion = обмен
account-suspense = на удержании
account-shortfall = недостача
account-provider = платёжная система
account-api = API
story-nothing = —
story-written = { $who }: { $text }
story-update = { $id } бота { $bot } обработано
story-cut = (первые строки не поместились: { $count }. Полностью их покажет npm run story)
order-title = 📦 <b>{ $good }</b> · { $state }
order-attempt = Попытка { $number } · { $supplier } · { $state } · <code>{ $ref }</code>
payment-title = 💳 <b>{ $provider }</b> · { $state }
payment-sums = Просили { $asked }, зачисляется { $credit }
payment-received = Пришло: { $sum }
payment-ref = Номер в платёжной системе: <code>{ $ref }</code>
actor-person = покупатель
actor-admin = админ
actor-worker = служба
actor-upkeep = автопроверка

state-draft = черновик
state-awaiting-payment = ждёт оплаты
state-reserved = зарезервировано
state-fulfilling = выполняется
state-delivered = доставлено
state-expired = срок истёк
state-cancelled = отменено
state-failed = не удалось
state-unknown = выясняется
state-review = на проверке
state-refunded = возвращён
state-created = создан
state-pending = ожидает
state-paid = оплачен
state-overpaid = переплата
state-underpaid = оплачен не полностью

adjust-usage =
    Напишите: <code>/adjust id сумма причина</code>

    Сумма со знаком, в токенах; другой актив — после суммы:
    <code>/adjust 1002 50 компенсация за сбой</code>
    <code>/adjust @roman -99,50 RUB двойное зачисление</code>
adjust-ask-up =
    ➕ <b>Сколько начислить</b> <code>{ $id }</code>?

    Сейчас на балансе { $balance }. Выберите шаг или напишите сумму.
adjust-ask-down =
    ➖ <b>Сколько списать</b> у <code>{ $id }</code>?

    Сейчас на балансе { $balance }. Выберите шаг или напишите сумму.
adjust-why =
    <b>{ $sum }</b> · <code>{ $id }</code>

    По какой причине? Покупатель её увидит. Выберите или напишите свою.
adjust-reason-compensation = Компенсация
adjust-reason-bonus = Бонус
adjust-reason-mistake = Наша ошибка
adjust-reason-test = Проверка
adjust-confirm =
    <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Причина: { $reason }

    Было: { $before }
    Станет: { $after }
adjust-large = ✋ Это больше вашего предела: решит второй администратор.
adjust-do-up = Начислить { $size }
adjust-do-down = Списать { $size }
adjust-ask-second = Отправить на согласование
adjust-done = Готово.
adjust-asked = Отправлено второму администратору.
adjust-declined = Отклонено.
adjust-command-done =
    ✅ <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Причина: { $reason }

    Было: { $before }
    Стало: { $after }
adjust-command-asked =
    ✋ <b>{ $sum }</b> · { $name } · <code>{ $id }</code>
    Причина: { $reason }

    Это больше вашего предела: ждёт второго администратора, раздел «Согласовать» в /admin.
adjusted-up =
    ➕ <b>Начислено: { $sum }</b>

    Причина: { $reason }. Баланс: { $balance }.
adjusted-down =
    ➖ <b>Списано: { $sum }</b>

    Причина: { $reason }. Баланс: { $balance }. Если это ошибка, напишите нам: /paysupport
adjust-decide = ✋ Решить
group-adjustment-done = ✅ Подтверждено: { $name }
group-adjustment-declined = 🚫 Отклонено: { $name }
waiting-title = ✋ <b>Ждут второго администратора</b>
waiting-empty = ✋ Ничего не ждёт согласования.
waiting-by = Просит: <b>{ $by }</b>
waiting-yours = Это ваш запрос: подтвердить его должен другой администратор.
waiting-alone = Второго администратора нет. Добавьте его в разделе «Роли» или поднимите предел в настройках.
alert-adjustment =
    ✋ <b>Нужен второй администратор</b>

    { $sum }, покупатель { $name } (<code>{ $id }</code>), причина: { $reason }. Просит <b>{ $by }</b>.
alert-minted =
    ⚠️ <b>Бот { $bot } раздал за сутки больше обычного</b>

    Через него появилось { $sum } ₽ при пределе { $limit } ₽. Корректировки: { $adjustment } ₽, ключи API: { $entry } ₽, промокоды: { $promo } ₽, заявки: { $payment } ₽.

    Потратить это можно во всех ботах. Кто что сделал, видно в журнале: /admin
alert-decision-minted =
    ✋ <b>Больше, чем бот { $bot } может раздать за сутки</b>

    { $kind ->
        [request] Заявка на пополнение
        [promo] Промокод
        [credit] Зачисление платежа
        [order] Возврат за заказ
       *[other] Корректировка
    } на { $sum } выведет его за предел { $limit } за 24 часа. Нужно согласие администратора всех ботов или другой предел в настройках. Просит <b>{ $by }</b>. Решить: { $find }
alert-decision =
    ✋ <b>Нужен второй администратор</b>

    { $kind ->
        [refund] Возврат звёзд
        [payback] Возврат платежа
        [order] Возврат по заказу
        [promo] Промокоды
        [credit] Зачисление платежа вручную
       *[suspense] Выдача удержанных денег
    }: { $sum }. Согласие уже дано: <b>{ $by }</b>. Если вы тоже за, подтвердите то же самое в течение суток: <code>{ $find }</code>
alert-payback-address =
    ↩️ <b>Покупатель назвал адрес для возврата</b>

    { $sum }, <code>{ $person }</code>. Проверьте адрес и отправьте деньги. Сам платёж: <code>{ $find }</code>
alert-key-ends =
    🔑 <b>Ключ API скоро перестанет работать</b>

    Ключ <code>{ $id }</code> проекта { $bot } действует до { $until }. Выпустите новый и замените: /admin
alert-list-open = Все события
alert-list = 🔔 <b>События { $from }–{ $to } из { $count }</b>
alert-group =
    { $count ->
        [one] 🔔 <b>{ $count } событие</b>
        [few] 🔔 <b>{ $count } события</b>, первые из них:
       *[many] 🔔 <b>{ $count } событий</b>, первые из них:
    }
alert-digest = 📋 <b>Действия администраторов за сутки</b>
alert-shared =
    👀 <b>Администратор другого бота изменил общее</b>

    { $who } (<code>{ $id }</code>), бот { $bot }: { $action } · { $target }
digest-acts = { $who } (<code>{ $id }</code>) · { $action }: { $count }
digest-credits = { $who } (<code>{ $id }</code>) · начислено { $up }, списано { $down }

letters-title = ✉️ <b>Ошибки: задания, которые не выполнились</b>
letters-empty = ✉️ Ошибок нет.
letter-payload = Эта версия не понимает данных задания. Повторите после обновления.
letter-bot = Этого бота больше нет в настройках.
letter-network =
    Внешний сервис не ответил ({ $tries ->
        [one] { $tries } попытка
        [few] { $tries } попытки
       *[many] { $tries } попыток
    }). Повторите, когда связь восстановится.
letter-tries =
    { $tries ->
        [one] Не удалось за { $tries } попытку.
        [few] Не удалось за { $tries } попытки.
       *[many] Не удалось за { $tries } попыток.
    }
letter-refused = Внешний сервис ответил отказом.
letter-times = Создано { $first }, остановлено { $last }, запусков: { $deliveries }
letter-money = Повтор безопасен: будет сделано только то, что ещё не выполнено; дважды ничего не спишется.
letter-replay = 🔁 Повторить
letter-settle = Разобрано
letter-replayed = Задание снова в очереди.
letter-settled = Убрано.
letter-gone = Этого задания здесь больше нет.
job-telegram-update = Сообщение боту
job-telegram-checkout = Проверка перед оплатой
job-telegram-inline = Показ товаров в чужих чатах
job-stars-paid = Зачисление звёзд
job-stars-refunded = Возврат звёзд (извещение)
job-stars-refund = Возврат звёзд
job-notice-send = Сообщение покупателю
job-admin-tell-alerts = Сообщение администраторам
job-upkeep-prove-ledger = Проверка учёта
job-upkeep-reconcile-stars = Сверка звёзд

health-title = 🩺 <b>Состояние</b>
health-refresh = 🔄 Обновить
health-prove = 📐 Проверить учёт
health-part-failed = Одна из частей не отвечает
health-database = База отвечает за { $ms } мс
health-outbox = Заданий в очереди на отправку: { $owed }, самое старое ждёт { $age }
health-letters = Заданий с ошибкой: { $count }
health-queues = Очереди ({ $kind }): самое долгое ожидание { $age }
health-redis-away = Redis { $place } не отвечает: его очереди стоят, остальные работают
health-queue = { $name }: ждут { $waiting } · в работе { $active } · отложены { $delayed } · дольше всех { $age }
queue-updates = Сообщения боту
queue-checkout = Проверки перед оплатой
queue-billing = Платежи
queue-fragment = Заказы звёзд и Premium
queue-images = Картинки
queue-notices = Сообщения покупателям
queue-broadcasts = Рассылки
queue-exports = Выгрузки
queue-upkeep = Автопроверки
health-bot = { $who }: { $state }
health-bot-no-inline = { $who }: { $state } · инлайн-режим выключен, включается у @BotFather командой /setinline
health-ledger = Учёт сходится · { $date }
health-ledger-wrong = Учёт НЕ сходится · { $date }. Остановите продажи.
health-stars = Звёзд у бота: { $telegram }, учёт сходится с Telegram · { $date }
health-stars-differ = Звёзд у бота: { $telegram }, а по учёту { $books }. Расходятся с { $date }: сверьте со списком звёзд у бота в Telegram.
health-unproven = Учёт ещё не проверяли
health-proven = Учёт сходится: проводок { $postings }.
bot-state-active = работает
bot-state-paused = на паузе
bot-state-parked = Telegram не принимает токен
duration-now = 0 с
duration-seconds = { $count } с
duration-minutes = { $count } мин

journal-person = покупатель { $id }
journal-payment = платёж { $id }
journal-broadcast = рассылка { $id }
journal-export = выгрузка «{ $id }»
journal-fragment = звёзды и Premium
journal-images = картинки
journal-job = задание { $id }
journal-list-payments = список платежей
journal-list-orders = список заказов
journal-list-requests = список заявок
journal-list-services = список услуг
journal-list-corrections = список корректировок на согласовании
journal-list-mailings = список рассылок
journal-list-roles = список ролей
journal-list-people = список покупателей
journal-list-promo = список промокампаний
journal-list-plans = список подписок
journal-list-items = список товаров
journal-list-categories = список категорий
journal-list-letters = список ошибок
journal-list-audit = журнал действий
journal-way-panel = панель в браузере
journal-way-group = группа для уведомлений
journal-asked = по просьбе { $by }
journal-title = 📜 <b>Журнал действий</b>
journal-empty = Записей пока нет.
audit-panel-opened = открыл(а) панель в браузере
audit-adjustment = сделал(а) корректировку
audit-adjustment-asked = просит корректировку
audit-adjustment-declined = отклонил(а) корректировку
audit-refund = вернул(а) звёзды
audit-person-banned = закрыл(а) доступ
audit-person-unbanned = вернул(а) доступ
audit-person-written = написал(а)
audit-letter-replay = повторил(а) задание
audit-letter-settle = убрал(а) задание
audit-role = изменил(а) роль
audit-setting-set = изменил(а) настройку
audit-setting-change = изменил(а) настройку
audit-text = изменил(а) тексты бота
audit-key-created = выдал(а) ключ API
audit-key-revoked = отозвал(а) ключ API
audit-payment-unlisted-keep = оставил(а) токены неподтверждённого платежа
audit-payment-unlisted-take = забрал(а) токены неподтверждённого платежа
audit-payment-refund = вернул(а) платёж
audit-promo-created = создал(а) промокампанию
audit-request-approve = одобрил(а) заявку
audit-request-more = попросил(а) покупателя дополнить заявку
audit-request-reject = отклонил(а) заявку
audit-fragment-credentials = сменил(а) доступ к поставщику
audit-bot-paused = остановил(а) бота
audit-bot-active = запустил(а) бота
audit-bot-added = добавил(а) бота
audit-bot-removed = удалил(а) бота
audit-bot-token = сменил(а) токен бота
audit-bot-checked = проверил(а) токен бота
audit-order-delivered = решил(а): заказ доставлен
audit-order-failed = решил(а): заказ не выполнен
audit-order-retry = повторил(а) заказ
audit-order-refund = вернул(а) деньги за заказ
audit-badge-given = вручил(а) значок
audit-badge-taken = забрал(а) значок
audit-plan-created = создал(а) подписку
audit-plan-changed = изменил(а) подписку
audit-plan-retired = снял(а) подписку с продажи
audit-plan-resold = вернул(а) подписку в продажу
audit-item-created = завёл(а) товар
audit-item-changed = изменил(а) товар
audit-item-retired = снял(а) товар с продажи
audit-item-returned = вернул(а) товар в продажу
audit-item-filled = загрузил(а) содержимое товара
audit-item-refunded = вернул(а) деньги за товар
audit-service-taken = взял(а) услугу в работу
audit-service-delivered = выполнил(а) услугу
audit-service-refused = отказал(а) в услуге, деньги вернулись
audit-item-replaced = заменил(а) проданный ключ
audit-category-created = завёл(а) категорию
audit-category-changed = изменил(а) категорию
audit-category-retired = скрыл(а) категорию
audit-category-returned = вернул(а) категорию
audit-setting = изменил(а) настройку
audit-panel-file = сохранил(а) список в файл
audit-setting-undone = откатил(а) настройку

roles-title =
    👮 <b>Роли в боте { $bot }</b>

    Владельцы по настройкам развёртывания: { $owners }. Остальных назначают здесь.
roles-add = Назначить
roles-who = Пришлите id или @имя или перешлите сообщение будущего администратора. Он должен хотя бы раз открыть бота.
role-ask =
    👮 <b>{ $name }</b> <code>{ $id }</code>
    Роль сейчас: { $role }

    Просмотр — видит; поддержка — пишет покупателям и закрывает доступ; администратор — деньги, рассылки, выгрузки; владелец — ещё настройки и роли.
role-take = Забрать роль
error-role-self = Свою роль менять нельзя.
role-changed = Роль изменена.

settings-title =
    ⚙️ <b>Настройки</b>

    Действуют сразу, без перезапуска.
setting-now = Сейчас в { $bot }: { $value } ({ $origin })
setting-from-bot = задано для этого бота
setting-from-all = задано для всех ботов
setting-from-default = по умолчанию
setting-for-all = В остальных ботах: { $value }
setting-default = По умолчанию: { $value }
setting-none-all = как по умолчанию
setting-none-own = как во всех ботах
setting-only-all = Одно значение на всех ботов.
setting-only-own = У каждого бота своё.
setting-own-here = Только в { $bot }: { $names }.
setting-scope-all = Все боты
setting-scope-own = Только { $bot }
setting-versions-all = История для всех ботов:
setting-versions-own = История для { $bot }:
setting-change-all = Изменить для всех ботов
setting-change-own = Изменить для { $bot }
setting-undo = ↩️ Откатить последнее
setting-reset-all = Вернуть по умолчанию
setting-reset-own = Как во всех ботах
setting-ask =
    ⚙️ <b>{ $title }</b> · { $scope }
    Сейчас: { $value }

    { $form }
setting-form-integer = Напишите целое число.
setting-form-integers = Напишите целые числа через запятую.
setting-form-flag = Напишите «да» или «нет».
setting-form-text = Напишите текст.
setting-form-money = Напишите сумму, например 99,50.
setting-form-amounts = Напишите суммы по активам: <code>TOK 1000, RUB 5000</code>. «—» убирает все.
setting-form-choice = Напишите одно из: { $options }.
setting-form-sums = Напишите суммы в рублях через запятую с пробелом: <code>300, 500, 1000</code>.
setting-form-pairs = Напишите все названия с числами, как выше: через запятую с пробелом.
setting-form-texts = Напишите слова или фразы, по одной на строке. «—» убирает все.
setting-form-decimal = Напишите число, например 1,755.
setting-form-alerts-group = Группа подключается в боте: «Настройки» → «Уведомления». «—» отключает её.
setting-form-terms = Напишите все условия со значениями, как выше. Вместо «да» и «нет» — знаки ✓ и —.
setting-form-xp-rules =
    Напишите по правилу на строку: что, in (получил) или out (потратил), актив, за каждые сколько, опыт.
    <code>payment in TOK 1: 10</code>
    <code>generation out RUB 10: 5</code>
setting-preview =
    ⚙️ <b>{ $title }</b> · { $scope }

    Было: { $before }
    Станет: { $after }
setting-save = Сохранить
setting-saved = Сохранено.
setting-undone = Вернули прежнее значение.
settings-group-tokens = 🪙 Токены
settings-group-safety = 🛡 Лимиты
settings-group-friends = 🤝 Приглашения
settings-group-levels = 🏆 Уровни
settings-group-payments = 💳 Платежи
settings-group-stars = ⭐ Звёзды, Premium
settings-group-images = 🎨 Картинки
settings-group-words = 💬 Тексты бота
settings-group-alerts = 🔔 Уведомления
setting-payments-presets = Пополнение: суммы на кнопках
setting-display-currency = Валюта итога
setting-display-currency-hint = В ней показан весь баланс покупателя; ничего не обменивается.
setting-exchange-rates = Курсы в рублях
setting-exchange-rates-hint = Сколько рублей считается за единицу актива: для итогов и для лимитов администраторов и ключей.
setting-payments-second-admin-above = Заявки: второй админ от
setting-payments-second-admin-above-hint = Заявку на эту сумму и больше одобряют двое.
setting-payments-confirm-above = Перепроверять оплату от
setting-payments-confirm-above-hint = Подписанному уведомлению на меньшую сумму верим сразу. 0 — перепроверять всегда: тестовые уведомления подписаны боевым ключом.
setting-referral-percents = Вознаграждение по уровням, %
setting-referral-percents-hint = С каждого платежа: пригласившему, пригласившему пригласившего и так далее.
setting-referral-hold-days = Дней до выплаты вознаграждения
setting-referral-hold-days-hint = Пока платёж ещё могут вернуть; звёзды Telegram возвращает 21 день.
setting-xp-rules = Опыт за платежи и траты
setting-xp-rules-hint = Действует на то, что случится после изменения.
setting-activity-xp = Опыт за активность
setting-activity-xp-hint = По виду активности; * — все остальные.
setting-activity-xp-limit = Больше всего опыта за одну активность
setting-level-base = Опыта с 1-го уровня до 2-го
setting-level-base-hint = Каждый следующий уровень требует на столько же больше.
setting-levels-shown = Уровни, значки и список лучших видны
setting-levels-shown-hint = Выключите, и покупатели этого бота их не увидят; опыт всё равно считается.
setting-alerts-group = Группа для уведомлений
setting-payments-switched-off = Платёжные системы: включить и выключить
setting-paid-effect = Эффект на сообщении об оплате
setting-paid-effect-hint = Что пролетит по чату, когда деньги зачислены. Старые приложения показывают сообщение без эффекта.
setting-payments-manual-requisites = Реквизиты для заявок
setting-star-price = Цена звезды
setting-stars-for-sale = Пакеты звёзд
setting-premium-prices = Цены Premium
setting-telegram-gift-prices = Цены подарков Telegram
setting-premium-way = Где покупаем Premium
setting-coin-rates = Курсы TON и USDT
setting-fragment-terms = Условия у поставщика
setting-picture-prices = Цены моделей
setting-picture-models-hidden = Какие модели продаём
setting-picture-limits = Лимиты на покупателя
setting-picture-words-refused = Запрещённые слова
setting-pictures-paused = Пауза
setting-picture-credits-alert = Предупреждать ниже, в единицах генератора
setting-picture-credits-alert-hint = Администраторы узнают, когда на счету генератора картинок останется меньше.
setting-texts = Тексты этого бота
setting-stars-packs = Пакеты токенов за звёзды
setting-stars-per-token = Звёзд за токен
setting-price-buy-rub = Токен: цена покупки
setting-price-sell-rub = Токен: цена при оплате
setting-gains-above = Получил больше, чем внёс
setting-gains-above-hint = Если покупатель получил звёзд и Premium на столько дороже, чем внёс, мы напишем администраторам. Проверяем раз в час, пишем раз в день.
setting-second-admin-above = Второй админ — выше
setting-second-admin-above-hint = Корректировка больше этой суммы ждёт второго администратора.
setting-credits-per-day = Начислений админа за сутки
setting-credits-per-day-hint = Больше этого один администратор за 24 часа не начислит.

error-admin-role = Ваша роль этого не позволяет.
error-admin-not-served = В ваших ботах такого нет.
error-admin-elsewhere = Этот покупатель пользуется и ботами других владельцев, а запрет действует сразу во всех. Попросите того, кто отвечает за все эти боты.
error-admin-no-person = Покупателя «{ $id }» нет: он ещё не открывал ботов.
error-admin-not-found = Этого больше нет. Откройте /admin
error-admin-decided = Это уже решено. Откройте /admin
error-admin-not-yours = Это черновик другого администратора.
error-admin-two-people = Подтвердить должен другой администратор.
error-admin-minted = Боты этого владельца раздали за сутки всё, что могли: { $limit } ₽. Согласиться на большее может администратор всех ботов, или поднимите предел в настройках.
error-admin-own-money = О своих деньгах решает другой администратор.
error-admin-invited = Этого покупателя пригласили вы. О его деньгах решает другой администратор.
error-promo-own = Этот промокод создали вы или тот, кто вас пригласил: для вас он не действует.
admin-key-limits = до { $entry } за раз, до { $day } в сутки, по { $until }
decision-second-always = Код со скидкой без предела суммы (max) выпускают двое: пока другой админ не включит его в течение суток, он на паузе. Если другого нет, добавьте его в «Ролях» или создайте код с max.
decision-second = Для одного администратора это много: в течение суток то же самое должен подтвердить другой. Если другого нет, добавьте его в «Ролях» или поднимите предел в настройках.
setting-minted-per-day = Сколько бот раздаёт за сутки
setting-minted-per-day-hint = Сколько за 24 часа может появиться через ботов одного владельца корректировками, ключами API, промокодами и заявками. На большее нужно согласие администратора всех ботов, а ключи API ждут.
setting-decision-second-above = Решение вдвоём — выше
setting-decision-second-above-hint = Возвраты, промокоды и корректировки дороже этого, в любой валюте по справочному курсу, подтверждает второй администратор.
setting-decisions-per-day = Решения одного админа за сутки
setting-decisions-per-day-hint = На какую сумму один администратор без второго может за 24 часа зачислять, списывать, возвращать и раздавать промокодами, всё вместе. На большее нужен второй.
setting-key-most-per-entry = Ключ API: одна запись
setting-key-most-per-entry-hint = Больше этого новый ключ не зачислит и не спишет одной записью, если при создании не указать другое.
setting-key-most-per-day = Ключ API: за сутки
setting-key-most-per-day-hint = Больше этого новый ключ не проведёт за 24 часа, если при создании не указать другое.
error-admin-balance-short = На балансе покупателя меньше этой суммы. Спишите не больше, чем там есть.
error-admin-daily-limit = Это больше, чем один администратор может начислить за сутки. Предел — в настройках.
error-admin-reason = Напишите причину, до 200 знаков.
error-admin-message = Напишите текст, до { $max } знаков.
error-admin-is-owner = Это владелец по настройкам развёртывания: его роль здесь не меняется.
error-setting-invalid = «{ $text }» не подходит. Посмотрите пример выше.
error-setting-most = «{ $text }» не подходит: здесь можно не больше { $most }.
error-setting-least = «{ $text }» не подходит: здесь можно не меньше { $least }.
error-setting-invoice =
    { $own ->
        [0] {""}
       *[other] { $bot }:{" "}
    }Пакет на { $pack } { $pack ->
        [one] токен
        [few] токена
       *[many] токенов
    } стоил бы { $stars } звёзд, а Telegram принимает за один счёт не больше { $limit }. { $most ->
        [0] Ни при какой цене токена он не пройдёт.
       *[other] С этим пакетом цена токена — не больше { $most }.
    }
error-setting-round-trip = С такими ценами можно зарабатывать, покупая по кругу: { $in } звёзд уходят на токены{ $plan ->
        [none] {""}
       *[other] {" "}(через подписку { $plan })
    }, токены — снова на звёзды, и вместе с { $shares }{"\u00A0"}% для пригласивших выходит { $out }. Поднимите цену звезды или цену токена в звёздах, уменьшите рублёвую цену токена при покупке за токены или процент пригласившим.
error-setting-cheap-tokens = За { $price } ₽ токен в этом боте дешевле, чем он стоит при покупках в другом: { $least } ₽. Токены тратятся во всех ботах, поэтому цена не может быть ниже этой суммы.
error-setting-changed = Настройку успели изменить. Откройте её снова.
error-setting-all-bots = Это действует во всех ботах, а часть из них не ваша. Изменить может владелец каждого из ботов или владелец главного по настройкам развёртывания.

admin-section-stats = 📊 Статистика
stats-title = 📊 <b>Что показать?</b>
stats-revenue = Выручка
stats-ways = Выручка по способам
stats-goods = Покупки по товарам
stats-people = Новые покупатели
stats-conversion = Конверсия
stats-sales = Продажи
stats-queues = Очереди
stats-revenue-title = Выручка, ₽
stats-ways-title = Выручка по способам оплаты, ₽
stats-goods-title = На что тратили, ₽
stats-people-title = Новые покупатели
stats-conversion-title = Заплатили из новых покупателей
stats-sales-title = Доставлено заказов
stats-queues-title = Самое долгое ожидание
stats-days =
    { $days ->
        [365] год
       *[other] { $days } дней
    }
stats-points = п. п.
stats-footer =
    { $days ->
        [365] год
       *[other] { $days } дней
    } · { $bot } · МСК
stats-now = сейчас, секунды
stats-empty = За это время ничего не было
stats-nothing-waits = Ничего не ждёт
setting-payments-stars-wait-above = Звёзды: ждать списка Telegram от
setting-payments-stars-wait-above-hint = Оплата больше этой суммы зачисляется, когда она есть в собственном списке Telegram: обычно через несколько секунд. Меньшие зачисляются сразу и сверяются потом.
setting-payments-restored-per-day = Восстановленные платежи в сутки
setting-payments-restored-per-day-hint = Сколько одна платёжная система может зачислить за сутки по нашим номерам платежей, которых в базе нет. После восстановления из копии это нормально, в другое время — повод проверить. Выше лимита деньги ждут вашего решения. Например: RUB 5000, USDT 50
find-more = Показаны первые { $count }. Уточните запрос: имя и фамилия, @имя или id.
role-none = нет роли
role-same = Эта роль уже назначена.
role-sure =
    👮 <b>{ $name }</b> <code>{ $id }</code> · бот { $bot }

    Было: { $before }
    Станет: { $after }
role-yes = Сохранить
job-stars-arrived = Извещение об оплате звёздами
job-upkeep-clean-up = Уборка старых записей
job-upkeep-admin-digest = Сводка для администраторов
job-upkeep-tell-others = Сообщение другим владельцам
job-upkeep-close-bot = Закрытие удалённого бота
job-upkeep-count-totals = Подсчёт статистики
job-upkeep-find-gains = Поиск тех, кто получил больше, чем внёс
job-upkeep-follow-ledger = Начисление опыта
job-upkeep-mark-places = Места в рейтинге
job-upkeep-pay-referrals = Выплата вознаграждений за друзей
job-upkeep-renew-subscriptions = Продление подписок
job-subscription-stop = Отмена списаний за подписку в Telegram
job-subscription-resume = Подписка после пополнения
job-item-card = Карточка услуги
job-item-door = Вход в канал или группу
job-telegram-chat = Новость из канала или группы
job-item-resume = Товар после пополнения
job-upkeep-look-after-shelf = Остатки товаров
job-payment-check = Проверка платежа
job-upkeep-compare-daily = Ежедневная сверка платежей
job-payment-compare = Сверка платежей
job-payment-card = Экран платежа
job-upkeep-expire = Закрытие просроченного
job-payment-charge = Списание с карты
job-payment-invoice = Выставление счёта
job-payment-wallet = Постоянный адрес
job-payment-webhook = Уведомление платёжной системы
job-upkeep-poll-payments = Опрос платёжных систем
job-payment-refund = Возврат денег
job-payment-refund-settled = Итог возврата
job-image-check = Проверка картинки
job-image-next = Следующая картинка
job-image-callback = Ответ генератора картинок
job-image-send = Заказ картинки
job-image-resume = Картинка после пополнения
job-image-show = Отправка картинки
job-image-watch = Наблюдение за картинками
job-fragment-check = Проверка заказа у поставщика
job-fragment-decide = Решение администратора по заказу
job-fragment-callback = Ответ поставщика
job-fragment-fulfil = Покупка у поставщика
job-order-card = Экран заказа
job-order-over = Конец ожидания денег
job-card-former = Кнопки прежнего сообщения
job-fragment-resume = Заказ после пополнения
job-fragment-watch = Наблюдение за заказами
audit-payment-give = зачислил(а) удержанное
audit-payment-credit = зачислил(а) обещанное
audit-payment-disown = закрыл(а) чужой платёж без зачисления
audit-payment-not-charged = отметил(а): с карты ничего не списано
audit-payment-refund-address = спросил(а) адрес для возврата
audit-payment-refund-happened = подтвердил(а) возврат
audit-payment-refund-not = отметил(а): возврата не было
journal-detail-as = теперь
journal-detail-audience = кому
journal-detail-optOut = кнопка отказа
journal-detail-silent = без звука
journal-detail-paid = платно
journal-detail-people = получателей
journal-detail-starsAtMost = звёзд не больше
journal-detail-language = язык
journal-detail-activeDays = активен, дней
journal-detail-idleDays = не заходил, дней
journal-detail-buyers = покупал
journal-detail-tokens = токенов от
journal-detail-premium = Premium
journal-detail-tag = метка
journal-detail-notTag = кроме метки
journal-detail-bots = боты
journal-detail-wanted = просит прислать
journal-detail-way = через
journal-detail-to = новое значение
journal-detail-from = было
journal-detail-options = параметры
journal-detail-address = адрес
journal-detail-role = роль
journal-detail-job = задание
journal-detail-for = для
journal-detail-badge = значок
journal-detail-words = слова
journal-detail-key = ключ
journal-detail-plan = подписка
journal-detail-value = значение
journal-detail-amount = сумма
journal-detail-asset = актив
journal-detail-attempt = попытка
journal-detail-username = имя
journal-detail-bot = бот
journal-detail-shortfall = убыток
journal-detail-days = дней
journal-detail-kind = вид
journal-detail-params = параметры
journal-detail-method = способ
journal-detail-person = покупатель
journal-detail-code = код
journal-detail-codes = кодов
journal-detail-state = состояние
journal-detail-scope = где
journal-detail-recipients = получатели
journal-detail-personId = покупатель
journal-detail-telegramId = номер в Telegram
journal-detail-broadcastId = рассылка
journal-detail-type = вид
journal-detail-fields = поля
journal-detail-added = добавлено
journal-detail-doubles = повторов
journal-detail-bad = негодных
journal-detail-under = внутри
supplier-fragment = поставщик Fragment
supplier-star-gifts = звёзды бота
attempt-sent = отправлена
attempt-done = выполнена
attempt-refused = отклонена
attempt-unknown = ответа нет
stats-all-bots = Все боты вместе
stats-this-bot = Только { $bot }
stats-every-bot = все боты
stats-one-bot = бот { $bot }
stats-unfinished =
    { $days ->
        [365] по неделям
       *[other] сегодня — штриховка
    }
setting-undo-yes = Да, откатить
setting-reset-yes = Да, вернуть
audit-fragment-stop = остановил(а) продажу звёзд и Premium
audit-fragment-resume = продолжил(а) продажу звёзд и Premium
audit-images-pause = приостановил(а) картинки
audit-images-resume = продолжил(а) картинки
audit-promo-paused = приостановил(а) промокампанию
audit-promo-resumed = возобновил(а) промокампанию
letter-settle-ask =
    ✉️ <b>Убрать задание «{ $job }»?</b>

    Было: не выполнено, можно повторить
    Станет: убрано и больше не запустится
letter-settle-yes = Да, убрать

alerts-group-none = 🔔 Уведомления приходят каждому администратору лично.
alerts-group-on = 🔔 Уведомления приходят по темам в группу <b>{ $title }</b>. Кнопка, которая только решает или проверяет, срабатывает прямо в группе, и под уведомлением видно, кто нажал; остальные открывают страницу в личном чате с ботом у того, кто нажал. Ответ на вопрос покупателя прямо в группе уходит покупателю.
alerts-group-ask = Пришлите ссылку на любое сообщение своей группы с темами. Бот @{ $bot } должен быть в ней администратором с правом управлять темами: пять тем он создаст сам. Уведомления и вопросы покупателей прочтут все участники, поэтому пускайте туда только администраторов.
alerts-group-off = Присылать лично
alerts-group-opened = Открыто в личном чате: @{ $bot }
alerts-topic-payments = Платежи
alerts-topic-orders = Заказы
alerts-topic-requests = Заявки и решения
alerts-topic-support = Вопросы покупателей
alerts-topic-operations = Работа магазина
error-alerts-forum = Это не группа с темами. Включите в её настройках «Темы» и пришлите ссылку ещё раз.
error-alerts-not-yours = Подключить группу может тот, кто сам в ней администратор.
error-alerts-rights = Бот не смог создать темы. Сделайте его администратором с правом управлять темами и пришлите ссылку ещё раз.
error-alerts-moved = Группа стала супергруппой, и её номер теперь { $number }. Пришлите этот номер.
alerts-lost-rights = ⚠️ Бот больше не может писать по темам в группу <b>{ $title }</b>: ему не хватает прав. Сделайте его администратором с правом управлять темами. До тех пор уведомления приходят лично.
alerts-lost-forum = ⚠️ В группе <b>{ $title }</b> выключены темы. Включите их в её настройках или отключите группу. До тех пор уведомления приходят лично.
alerts-lost-gone = ⚠️ Бота больше нет в группе <b>{ $title }</b>. Верните его администратором с правом управлять темами или отключите группу. До тех пор уведомления приходят лично.
alerts-lost-open = Группа для уведомлений
error-group-role = Не отправлено: отвечать покупателям могут роли «поддержка», «администратор» и «владелец».
error-group-stranger = Это могут только администраторы этого бота. Роль даёт владелец: /admin → «Роли».
error-group-anonymous = Не отправлено: вы пишете анонимно или от имени канала, и бот не знает, кто вы. Ответьте от своего имени или нажмите кнопку под сообщением.
error-group-start = Откройте @{ $bot } и нажмите «Старт»: без этого бот не может вам написать. Потом повторите.
error-group-old = Не отправлено: этому сообщению больше 30 дней. Найдите покупателя через /find и напишите с его страницы.
error-group-nobody = Не отправлено: это сообщение не об одном покупателе. Откройте нужное кнопкой под ним и ответьте оттуда.
error-group-kind = Не отправлено: покупатель получит только текст, фото или файл.
error-group-elsewhere = Не отправлено: покупатель пишет боту { $bot }, а файл туда не передать. Отправьте текст.
error-group-blocked = Не отправлено: покупатель заблокировал бота. Ответить получится, когда он вернётся.
