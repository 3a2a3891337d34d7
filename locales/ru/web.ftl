menu-web = 🛍 Открыть магазин
menu-web-short = Магазин

error-web-request = Не получилось прочитать запрос страницы. Обновите её и попробуйте ещё раз.
error-web-too-long =
    Слишком длинно: помещается до { $most } { $most ->
        [one] знака
       *[other] знаков
    }.
error-web-too-large =
    Слишком много за раз: в один запрос помещается до { $most }{"\u00A0"}{ $unit ->
        [mb] МБ
       *[kb] КБ
    }. Ничего не сделано, выберите меньше.
error-web-forged = Telegram не подтверждает, что страницу открыли вы. Откройте магазин из чата с ботом.
error-web-stale = Страница открыта слишком давно. Закройте её и откройте снова из чата с ботом.
error-web-used = Этот вход уже использован. Закройте страницу и откройте магазин снова из чата с ботом.
error-web-over = Вход закончился. Закройте страницу и откройте магазин снова из чата с ботом. Деньги и заказы на месте.
error-web-banned =
    Доступ к магазину закрыт. { $reason }
error-web-paused = Бот на паузе. Ваш баланс сохранён и доступен в других наших ботах.
error-web-closed = Этот бот закрыт. Ваш баланс сохранён и доступен в других наших ботах.
error-web-news = Чтобы покупать, подпишитесь на наш канал с новостями: кнопка есть в чате с ботом.
error-web-unknown = Такого здесь нет. Возможно, ссылка устарела.
error-web-often = Слишком часто. Подождите несколько секунд.
error-web-failed = Что-то сломалось у нас, мы уже знаем. Если вы платили, деньги не потеряются: загляните в историю.
error-web-away = Магазин ненадолго недоступен. Ничего не потеряно, попробуйте через минуту.
error-web-price = Цена изменилась, пока страница была открыта. Вот новая; деньги не списаны.
error-web-invoice-over = Этот счёт уже оплачен или устарел. Выберите пакет ещё раз.
error-web-method = Этот способ сейчас выключен. Выберите другой.
error-web-sum = Этим способом можно оплатить от { $min } до { $max }.
error-web-address = Для этой монеты и сети адресов сейчас нет. Выберите другую.
error-web-model = Этой модели или формата сейчас нет. Выберите другие.
error-web-no-chat = Бот не может вам написать. Нажмите «Старт» в чате с ботом и вернитесь.
error-web-proof-file = Чек — это картинка (JPEG, PNG, WebP, HEIC) или PDF до 10 МБ.
error-web-proofs-full = К этой заявке больше ничего приложить нельзя: чеков и пояснений уже достаточно. Их проверит администратор.
error-web-request-moved = По этой заявке уже есть решение. Обновите страницу.
web-answer-caption = 📷 Фото к заказу «{ $name }»
web-source-caption = 🖼 Фото, по которому рисуем
error-web-file-in-chat = Этот файл можно получить только в чате с ботом: нажмите там «Посмотреть покупку».
error-web-photo-file = Нужна фотография: JPEG или PNG до 10 МБ.
web-proof-caption = 🧾 Чек к заявке { $number }
error-web-check-wait = Только что проверяли. Спрашивать можно раз в { $seconds } с.

panel-section = 🖥 Панель в браузере
panel-link =
    🖥 <b>Панель в браузере</b>
    Списки, поиск и графики на большом экране. Ссылка открывается один раз и действует { $seconds } с; никому её не пересылайте.
panel-no-address =
    🖥 <b>Панель в браузере</b>
    У магазина нет адреса: задайте PUBLIC_URL с https, и панель появится.
panel-open = Открыть панель
panel-copy = Скопировать ссылку
panel-new = Новая ссылка
panel-end = Закрыть везде
panel-confirm-ask =
    🔐 <b>Это вы в панели?</b>
    { $browser }, открыта { $since }. Из неё хотят провести деньги или изменить настройки. Подтверждение действует 10 минут.
panel-confirm-yes = Да, это я
panel-confirm-no = Не я, закрыть панель
panel-confirmed = ✅ Подтверждено на 10 минут. Вернитесь в браузер: действие продолжится само.
panel-over = Эта панель уже закрыта. Откройте её снова: /panel
panel-closed =
    { $count ->
        [0] Панель нигде не была открыта.
       *[other] Панель закрыта во всех браузерах.
    }

error-panel-link = Ссылка уже сработала или устарела. Напишите боту /panel: придёт новая.
error-panel-over = Вход в панель закончился. Напишите боту /panel и откройте новую ссылку.
error-panel-role = У вас больше нет роли в этом боте. Её выдаёт владелец.
error-panel-elsewhere = Этот запрос пришёл не со страницы панели, поэтому ничего не сделано.
error-panel-confirm = Подтвердите в чате с ботом, что это вы.
error-panel-asked = Бот только что спросил вас в чате. Ответьте ему или подождите 20 секунд.

panel-orders = 📦 Заказы
panel-people = 👥 Покупатели
panel-column-sum = Сумма
panel-column-provider = Способ
panel-column-method = Способ
panel-column-state = Состояние
panel-column-person = Кто
panel-column-username = Имя в Telegram
panel-column-id = ID
panel-column-bot = Бот
panel-column-at = Когда
panel-column-number = Номер
panel-column-good = Товар
panel-column-since = Первый раз
panel-column-seen = Последний раз
panel-column-source = Откуда
panel-column-job = Задание
panel-column-why = Почему
panel-column-tries = Запусков
panel-column-reason = Ответ
panel-column-cause = Причина
panel-column-who = Кто
panel-column-act = Что сделано
panel-column-target = С чем
panel-column-details = Подробности
panel-column-credit = К зачислению
panel-column-booked = Учтено
panel-column-suspended = Ждёт решения
panel-column-invoice = Номер в платёжной системе
panel-column-proof = Подтверждение
panel-column-files = Файлы
panel-column-twins = Показывали и другие
panel-files =
    { $count ->
        [one] { $count } файл — смотрите в чате с ботом
        [few] { $count } файла — смотрите в чате с ботом
       *[many] { $count } файлов — смотрите в чате с ботом
    }
panel-filter-person = ID покупателя
panel-filter-actor = ID админа
panel-filter-target = С чем: ID, номер заказа, платежа
panel-banned = заблокирован
panel-blocked = остановил бота
panel-approve-ask = Зачислить деньги по выбранным заявкам? Подтверждения вы посмотрели.
panel-correction-ask = Провести выбранные корректировки? Деньги сразу появятся на балансе или уйдут с него.
panel-correction-done = Проведено.
panel-settle-ask = Убрать выбранные задания, не выполняя? Они больше не запустятся.
panel-credited = Зачислено.
panel-declined = Отклонено, покупатель получил причину.
panel-letter-replay = Запущено ещё раз.
panel-letter-settle = Убрано.
panel-ban-done = Доступ закрыт.
panel-refund-in-chat = Деньги возвращаются на адрес, который покупатель даёт боту. Это делается в чате с ботом: там адрес проверяют и показывают.
error-panel-filter = С таким фильтром список не показать. Проверьте его.
error-panel-decided = Это уже решено: кто-то успел раньше.
error-panel-in-chat = Деньги возвращаются на адрес, который покупатель даёт боту. Это делается в чате с ботом: там адрес проверяют и показывают.
error-panel-admin = Администратора заблокировать нельзя: сначала заберите роль.
panel-column-name = Название
panel-column-gives = Что даёт
panel-column-uses = Использован
panel-column-left = Осталось
panel-column-until = До
panel-column-days = Дней
panel-column-tokens = За токены
panel-column-stars = За звёзды
panel-column-back = Возвращается
panel-column-subscribers = Подписчиков
panel-column-sort = Вид
panel-column-under = Внутри категории
panel-column-price = Цена
panel-column-free = В наличии
panel-column-bots = Где
panel-column-text = Текст
panel-column-progress = Отправлено
panel-column-missed = Не дошло
panel-column-pace = Скорость
panel-column-role = Роль
panel-column-given = Кто дал
panel-column-asked = Кто просит
panel-column-taken = Кто взял
panel-paused = на паузе
panel-works = работает
panel-retired = снят с продажи
panel-by-settings = задано при установке
panel-retire-ask = Снять выбранное с продажи? Купленное остаётся у покупателей.
panel-cancel-ask = Завершить выбранные рассылки насовсем? Кому сообщение ещё не пришло, уже не придёт.
panel-take-ask = Забрать роли? Панели этих администраторов сразу закроются.
panel-refund-ask = Вернуть деньги по выбранным платежам? Зачисленное по каждому спишется у покупателя, сколько осталось. Сколько из него потрачено, сказано на странице платежа.
error-panel-moved = Это уже сделано: кто-то успел раньше.
error-panel-file = Прошлый файл ещё сохраняется. Дождитесь его.
panel-stats-revenue = Выручка
panel-stats-revenue-hint = Всё, что зачислено; токены считаются по своей цене. Сегодняшний день ещё не закончился.
panel-stats-ways = Выручка по способам
panel-stats-ways-hint = Каким способом пришли деньги.
panel-stats-goods = Траты по товарам
panel-stats-goods-hint = Сколько потратили на доставленные заказы и подписки.
panel-stats-average = Средний платёж
panel-stats-average-hint = Сумма одного платежа.
panel-stats-margins = Маржа
panel-stats-margins-hint = Доставленные звёзды и Premium, себестоимость которых известна: цена минус то, что просил поставщик в момент заказа. Скидки, доли пригласивших и комиссии платежей не вычтены.
panel-stats-people = Новые покупатели
panel-stats-people-hint = Кто открыл бота впервые.
panel-stats-conversion = Конверсия
panel-stats-conversion-hint = Сколько из пришедших в этот день уже заплатили.
panel-stats-sales = Продажи
panel-stats-sales-hint = Доставленные заказы.
panel-stats-funnel = Воронка
panel-stats-funnel-hint = Что уже успели сделать пришедшие за этот период: от первого «Старта» до второй покупки.
panel-stats-cohorts = Удержание
panel-stats-cohorts-hint = По неделям, в которые пришли: какая доля покупала в каждую свою неделю с тех пор. На графике все недели вместе.
panel-stats-sources = Источники
panel-stats-sources-hint = Метки ссылок ?start=: кто пришёл по ним за этот период и сколько за него заплатили пришедшие оттуда.
panel-stats-now = этот период
panel-stats-before = предыдущий
panel-stats-week = неделя { $number }
panel-stats-all-cohorts = все недели вместе
panel-stats-no-tag = без метки
panel-funnel-came = Нажали «Старт»
panel-funnel-paid = Заплатили
panel-funnel-bought = Купили
panel-funnel-again = Купили ещё раз
panel-column-step = Шаг
panel-column-now = Этот период
panel-column-before = Предыдущий
panel-column-of-came = От всех
panel-column-of-last = От прошлого шага
panel-column-came-from = Неделя с
panel-column-came = Пришли
panel-column-revenue = Выручка
panel-column-day = День
panel-column-share = Доля
error-panel-form = Что-то не сходится. Проверьте поля: одно из них лишнее или заполнено иначе, чем нужно.
panel-column-margin = Маржа
panel-column-sold-for = Продано на
panel-column-cost = Себестоимость
panel-column-of-price = От цены
error-panel-range = «{ $field }»: можно от { $min } до { $max }.
error-panel-field = Проверьте поле «{ $field }»: оно пустое или значение не подходит.
error-panel-all-bots = Так это будет действовать во всех ботах, а часть из них не ваша. Выберите своего бота.
error-panel-same = Вы ничего не изменили.
error-panel-changed = Пока страница была открыта, здесь уже всё изменили, поэтому ничего не сохранено. Откройте страницу заново.
panel-yes = да
panel-no = нет
panel-was = Сейчас
panel-becomes = Станет
panel-changes = Меняется
panel-until-hint = Включительно, по Москве.
panel-to-person = ‹ К покупателю
panel-to-roles = ‹ Все роли
panel-to-promo = ‹ Все промокоды
panel-to-plans = ‹ Все подписки
panel-to-items = ‹ Все товары
panel-to-item = ‹ К товару
panel-to-mailings = ‹ Все рассылки
panel-to-mailing = ‹ К рассылке
panel-mailing-hint = Бот пришлёт каждый новый текст вам в чат: так его и увидят. Жирный шрифт, картинки и альбомы добавляют там же, в /broadcast.
panel-mailing-words = Его получат все, для кого ниже нет текста на их языке. До 4096 знаков.
panel-mailing-media = Сейчас здесь файл или альбом из чата. Впишите текст, чтобы заменить его.
panel-mailing-keys = По строке на ряд: Открыть магазин - https://example.com. Две кнопки в ряд — через «|».
panel-mailing-bots = Через запятую: { $bots }. Кто есть в нескольких, получит сообщение один раз.
panel-mailing-tag = Метка ссылки, по которой пришли: ?start=метка.
panel-mailing-paid = До 1000 сообщений в секунду по 0,1 звезды с баланса бота.
panel-mailing-when = Пусто — сразу. 18:30, 24.12 18:30 или +2ч, по Москве.
panel-mailing-shows = 👁 При сохранении бот пришлёт новый текст вам в чат.
panel-mailing-save = Сохранить черновик
panel-mailing-saved = Черновик сохранён. Посмотрите, как он выглядит, в чате с ботом.
panel-mailing-edit = ✍️ Изменить
panel-mailing-test = 👁 Показать в Telegram
panel-mailing-test-hint = Бот пришлёт настоящее сообщение с кнопками — такое же, как получат все.
panel-mailing-to-me = только мне
panel-mailing-to-all = всем админам бота
panel-mailing-test-do = Показать
panel-mailing-start = Запустить рассылку
panel-mailing-started = Рассылка запущена. Как она идёт, видно в списке.
panel-mailing-test-look =
    { $count ->
        [one] Получит { $count } админ.
        [few] Получат { $count } админа.
       *[other] Получат { $count } админов.
    }
panel-adjust = Изменить баланс: { $name }
panel-adjust-hint = Покупатель получит сообщение с суммой и причиной. Если сумма больше вашего предела, решит второй администратор.
panel-adjust-up = начислить
panel-adjust-down = списать
panel-adjust-reason = Её прочитает покупатель.
panel-adjust-do = Изменить баланс
panel-adjusted = Готово: { $sum } · { $name }
panel-adjust-waits = { $sum } · { $name }: отправлено второму администратору.
panel-role = Выдать роль в боте { $bot }
panel-role-hint = Просмотр — видит; поддержка — пишет покупателям и закрывает доступ; администратор — деньги, рассылки, выгрузки; владелец — ещё настройки и роли.
panel-role-who = ID или @имя. Будущий администратор должен хотя бы раз открыть бота.
panel-role-do = Выдать роль
panel-promo-new = Новый промокод
panel-promo-value = Сумма, процент или число дней — смотря что даёт код.
panel-promo-one = один, со своим словом
panel-promo-many = много, придумать самим
panel-promo-code = От 3 до 40 знаков: латиница, цифры, дефис. Большие и маленькие буквы — одно и то же.
panel-promo-codes = До 50 000. Файл с кодами сохранится сразу, как они готовы.
panel-promo-name = Видно только администраторам. Можно не заполнять.
panel-promo-made =
    { $codes ->
        [one] Готов { $codes } промокод.
        [few] Готовы { $codes } промокода.
       *[other] Готовы { $codes } промокодов.
    }
panel-plan-hint = Подписка одна на всех ботов. Кто уже подписан, продлевает её на прежних условиях, а если новые выгоднее — на новых.
panel-plan-code = Латиница, цифры и дефис, до 32 знаков. Потом его не изменить.
panel-plan-tokens = Пусто — за токены не продаётся.
panel-plan-stars = Пусто — за звёзды не продаётся. Так продаются только подписки на 30 дней.
panel-plan-discount = Сколько процентов каждой покупки вернётся подписчику.
panel-item-price = С валютой: 500 RUB, 20 TOK, 0.5 TON.
panel-item-bots = Имена через запятую или all — во всех ботах.
panel-item-low = Когда ключей останется столько, бот напомнит.
panel-item-until = День целиком или минута: 2027-02-28 18:00. По Москве.
panel-item-more = Остальное, по строке на поле, как в чате: price-vip: 400 — своя цена в боте vip.
panel-stock-hint = По ключу на строку. Повторы и пустые строки пропустим и скажем какие.
panel-stock-look =
    { $count ->
        [one] { $count } строка.
        [few] { $count } строки.
       *[other] { $count } строк.
    }
panel-content-hint = Его получит каждый покупатель, до 3000 знаков. Кто купил раньше, увидит новый.
panel-file-hint = Файл до 20 МБ. Покупатели всех ботов получат его от бота; кто купил раньше, тоже получит новый. Файл побольше пришлите боту в чат.
panel-file-caption = 📎 Файл товара «{ $name }»
panel-chat-hint = Сделайте { $bot } администратором закрытого канала или группы с правами приглашать по ссылке и блокировать участников. Потом вставьте ссылку на любое сообщение оттуда, например https://t.me/c/1234567890/15. Покупатели подают заявку, и бот впускает только тех, кто заплатил.
panel-item-days = На сколько дней; пусто — навсегда.
panel-no-category = Без категории
panel-category-new = Новая категория
panel-category-ask = Снять выбранные категории с продажи? Товары из них пропадут с витрины; купленное останется у покупателей.
panel-to-categories = ‹ Все категории
panel-item-new = Новый товар
panel-plan-new = Новая подписка
panel-role-new = Выдать роль
panel-field-direction = Что сделать
panel-field-sum = Сумма
panel-field-asset = Валюта
panel-field-reason = Причина
panel-field-who = Кому
panel-field-role = Роль
panel-field-promo = Что даёт
panel-field-value = Сколько
panel-field-many = Сколько кодов
panel-field-code = Код
panel-field-codes = Число кодов
panel-field-uses = Сколько раз сработает каждый
panel-field-product = На что скидка
panel-field-plan = Подписка
panel-field-bot = В каком боте
panel-field-per = Сколько раз одному покупателю
panel-field-first = Только для первой покупки
panel-field-min = Пополнение от
panel-field-max = Бонус до
panel-field-from = С какого дня
panel-field-until = По какой день
panel-field-name = Название для своих
panel-field-ru = Название по-русски
panel-field-en = Название по-английски
panel-field-days = Дней
panel-field-tokens = Цена в токенах
panel-field-stars = Цена в звёздах
panel-field-discount = Возврат, %
panel-field-pictures = Картинок одновременно
panel-field-kind = Вид товара
panel-field-price = Цена
panel-field-ru-text = Описание по-русски
panel-field-en-text = Описание по-английски
panel-field-bots = Боты
panel-field-limit = Не больше одному покупателю
panel-field-low = Предупредить, когда останется
panel-field-category = Категория
panel-field-under = Внутри категории
panel-field-chat = Канал или группа
panel-field-picture = Картинка, адрес https
panel-field-more = Ещё
panel-field-lines = Ключи
panel-field-content = Текст
panel-field-words = Текст
panel-field-words-ru = Текст по-русски
panel-field-words-en = Текст по-английски
panel-field-keys = Кнопки
panel-field-to-bots = Через какие боты
panel-field-to-language = Язык
panel-field-to-activedays = Заходили за последние дни
panel-field-to-idledays = Не заходили дней
panel-field-to-buyers = Покупали
panel-field-to-tokens = Токенов на балансе от
panel-field-to-premium = Telegram Premium
panel-field-to-tag = Пришли по метке
panel-field-to-nottag = Кроме пришедших по метке
panel-field-to-notlast = Кроме получивших прошлую рассылку
panel-field-silent = Без звука
panel-field-optout = Кнопка «Не присылать рассылки»
panel-field-paid = Платно и быстро
panel-field-start = Когда начать
panel-field-whom = Кому показать
