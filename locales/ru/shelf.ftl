menu-shelf = 🛍 Товары
shelf-title = 🛍 <b>Товары</b>
shelf-empty = 🛍 Здесь пока пусто. Загляните позже.
shelf-category = 📁 <b>{ $name }</b>
shelf-price = Цена: <b>{ $price }</b>
shelf-left =
    Осталось: { $count ->
        [one] { $count } штука
        [few] { $count } штуки
       *[other] { $count } штук
    }
shelf-sold-out = Сейчас нет в наличии.
shelf-limit =
    В одни руки: { $count ->
        [one] { $count } штука
        [few] { $count } штуки
       *[other] { $count } штук
    }
shelf-until = Продаётся до { $until }
shelf-for-days = Доступ: { $count ->
        [0] навсегда
        [one] на { $count } день
        [few] на { $count } дня
       *[other] на { $count } дней
    }
shelf-within-hours = Срок: { $count ->
        [one] { $count } час
        [few] { $count } часа
       *[other] { $count } часов
    }; не успеем — деньги вернутся сами
shelf-bought = Куплено
shelf-waiting = «{ $name }»
shelf-waiting-gift = 🎁 «{ $name }»
shelf-short =
    «{ $name }» стоит { $price }. Не хватает: { $lacking }.

    Оплатите разницу удобным способом, и покупка пройдёт сама.
shelf-short-gift =
    🎁 «{ $name }» в подарок стоит { $price }. Не хватает: { $lacking }.

    Оплатите разницу удобным способом, и бот сам пришлёт ссылку для друга.
shelf-aside = Отложили его для вас до { $until }.
shelf-yours = ✅ <b>{ $name }</b> — ваша покупка. Нажмите на текст, чтобы скопировать:
shelf-file-yours = ✅ <b>{ $name }</b> — ваша покупка: { $file }. Файл ниже, получить его снова можно когда угодно в «Моих покупках».
shelf-file-soon = ⏳ Готовим файл. Откройте покупку ещё раз через полминуты.
shelf-given-back = «{ $name }»: деньги за эту покупку вернулись на баланс.
shelf-mine = 🧾 <b>Мои покупки</b>
shelf-mine-none = 🧾 Вы пока ничего не купили.
shelf-find-ask = 🔎 Что ищем? Напишите название или его часть.
shelf-found = 🔎 Вот что нашлось по запросу «{ $word }»:
shelf-found-many = 🔎 По запросу «{ $word }» нашлось много, вот первые { $count }. Напишите точнее, и список станет короче.
shelf-found-nothing = 🔎 По запросу «{ $word }» ничего не нашлось. Попробуйте написать иначе.
shelf-web-notice = 🛍 «{ $name }»: вы оформили покупку в магазине. Она всегда под кнопкой ниже.
shelf-file-in-chat = ✅ <b>{ $name }</b> — ваш. Файл придёт в чат с ботом: нажмите там «Посмотреть покупку».
shelf-bought-notice = ✅ Деньги пришли, покупка состоялась: «{ $name }». Откройте её кнопкой ниже.
shelf-over-notice = «{ $name }» больше нельзя купить. Деньги остались на вашем балансе.
shelf-dropped = «{ $name }»: покупка отменена, деньги не списаны.
shelf-expired = «{ $name }»: время на оплату вышло, покупка отменена. Деньги не списаны.
shelf-still-short = Этого пока не хватает на «{ $name }». Остаток можно доплатить в течение суток.
shelf-refunded-notice = ↩️ Вернули { $sum } за «{ $name }». Причина: { $reason }
shelf-replaced-notice = 🔁 Заменили «{ $name }». Причина: { $reason }. Новое — по кнопке ниже.
shelf-ordered = Заказ принят
shelf-ordered-notice = ✅ Деньги пришли, «{ $name }»: заказ принят. Следить за ним можно по кнопке ниже.
shelf-ask = 📝 Вопрос { $number } из { $count }
shelf-ask-text = Ответьте сообщением.
shelf-ask-number = Ответьте числом.
shelf-ask-choice = Выберите вариант.
shelf-ask-photo = Пришлите фото.
shelf-asked = 📝 Всё ли верно?
shelf-answer-photo = фото
shelf-service-waits =
    ⏳ <b>{ $name }</b>: заказ принят, деньги зарезервированы. Скоро им займутся.

    Сделаем до { $until }. Не успеем — деньги вернутся на баланс сами.
shelf-service-taken =
    🛠 <b>{ $name }</b>: уже делаем.

    Сделаем до { $until }. Не успеем — деньги вернутся на баланс сами.
shelf-service-refused = ↩️ <b>{ $name }</b>: выполнить не смогли, деньги снова на балансе. Причина: { $reason }
shelf-service-overdue = ↩️ <b>{ $name }</b>: в срок не успели, деньги снова на балансе.
shelf-served = ✅ <b>{ $name }</b> — готово:
shelf-served-notice = ✅ «{ $name }» — готово. Ответ по кнопке ниже.
shelf-refused-notice = ↩️ «{ $name }» выполнить не смогли, { $sum } снова на балансе. Причина: { $reason }
shelf-overdue-notice = ↩️ «{ $name }» в срок не успели. { $sum } снова на балансе, простите.
shelf-gift-waits =
    🎁 <b>{ $name }</b>: подарок готов. Отправьте ссылку другу — подарок достанется тому, кто откроет её первым:

    <code>{ $link }</code>

    Ссылка работает до { $until }. Если её никто не откроет, деньги сами вернутся на баланс.
shelf-key-gift-back = Забрать подарок
shelf-gift-back-ask =
    🎁 <b>{ $name }</b>: подарок ещё не открыли.

    Если забрать его, ссылка перестанет работать, а на баланс вернётся { $sum }.
error-gift-too-late = Подарок только что открыли — забрать его уже нельзя.
shelf-gift-opened = 🎁 <b>{ $name }</b>: подарок открыли.
shelf-gift-over = ↩️ <b>{ $name }</b>: подарок не открыт, деньги снова на балансе.
shelf-gift-back = «{ $name }»: магазин забрал этот подарок, пользоваться им больше нельзя.
shelf-gift-ready-notice = 🎁 Деньги пришли, подарок «{ $name }» готов. Ссылка для друга — по кнопке ниже.
shelf-gift-opened-notice = 🎁 Ваш подарок «{ $name }» открыли.
shelf-gift-over-notice = ↩️ Подарок «{ $name }» никто не открыл. { $sum } снова на балансе.
shelf-gift-back-notice = Магазин забрал подарок «{ $name }», пользоваться им больше нельзя. Причина: { $reason }
shelf-access-until =
    ✅ <b>{ $name }</b>: место в «{ $title }» ваше с { $from } до { $until }.

    Нажмите «Войти» и отправьте заявку: бот впустит вас сам. Ссылка работает только для вас, другим она ничего не даст.
shelf-access-ever =
    ✅ <b>{ $name }</b>: место в «{ $title }» ваше навсегда.

    Нажмите «Войти» и отправьте заявку: бот впустит вас сам. Ссылка работает только для вас, другим она ничего не даст.
shelf-access-over = <b>{ $name }</b>: оплаченное время в «{ $title }» закончилось.
shelf-access-not-yours = 🔒 Сюда пускают тех, кто купил «{ $name }». Если вы уже покупали, зайдите с того же аккаунта Telegram.
shelf-access-soon-notice =
    ⏳ «{ $name }»: оплаченное время кончится через { $count ->
        [one] { $count } день
        [few] { $count } дня
       *[other] { $count } дней
    }. Продлите, и никуда выходить не придётся: новый срок начнётся сразу за этим.
shelf-access-over-notice = ⌛ «{ $name }»: оплаченное время вышло, и бот закрывает доступ. Вернуться можно в любой момент.
shelf-access-stuck-notice = 😔 «{ $name }»: бот сейчас никого не может впустить, администраторы уже знают. Если за сутки не починят, деньги вернутся на ваш баланс сами.
shelf-access-unstuck-notice = ✅ «{ $name }»: снова работает. Нажмите «Войти» и отправьте заявку.
shelf-access-too-many-notice = 😔 «{ $name }»: Telegram вас не пускает, потому что вы состоите в слишком многих каналах и группах. Выйдите из ненужных, и бот сам впустит вас в течение часа. Если за сутки не получится, деньги вернутся.
shelf-access-back-notice = ↩️ «{ $name }»: впустить вас так и не получилось. { $sum } вернулись на баланс, простите.
shelf-access-gift-back-notice = «{ $name }»: впустить вас так и не получилось. Деньги вернулись тому, кто сделал подарок.

shelf-key-again = Ответить заново
shelf-key-order-it = Всё верно, заказать
shelf-key-take = Взять в работу
shelf-key-deliver = Готово
shelf-key-refuse = Отказать
shelf-key-photos = Показать фото
shelf-key-shelf = К товарам
shelf-key-buy = Купить · { $sum }
shelf-key-gift = 🎁 В подарок · { $sum }
shelf-key-gift-send = 🎁 Отправить другу
shelf-key-mine = 🧾 Мои покупки
shelf-key-find = 🔎 Найти
shelf-key-see = Посмотреть покупку
shelf-key-see-item = Посмотреть товар
shelf-key-enter = 🚪 Войти
shelf-key-prolong = Продлить
shelf-key-chat = Выбрать канал или группу
shelf-key-rest = Доплатить
shelf-key-back = ‹ Назад
shelf-key-on = Дальше ›
shelf-key-new = Новый товар
shelf-key-categories = 📁 Категории
shelf-key-category-new = Новая категория
shelf-key-in-menu = Показать в меню
shelf-key-edit = Изменить
shelf-key-retire = Снять с продажи
shelf-key-resell = Вернуть в продажу
shelf-key-fill = Загрузить ключи
shelf-key-file = Загрузить файл
shelf-key-text = Что получит покупатель
shelf-key-give-back = Вернуть деньги
shelf-key-replace = Заменить
shelf-key-order = К заказу
shelf-key-stock = Открыть товар

shelf-kind-stock = ключи: каждому свой
shelf-kind-text = текст: всем один
shelf-kind-code = код: каждому свой, бот придумает сам
shelf-kind-file = файл: всем один
shelf-kind-service = услуга: делает админ
shelf-kind-access = доступ в закрытый канал или группу

error-item-gone = Этот товар больше не продаётся. Деньги не списаны.
error-item-changed = Цена изменилась. Посмотрите новую; деньги не списаны.
error-item-sold-out = Всё раскупили. Деньги не списаны.
error-item-limit = В одни руки — не больше { $most }. Деньги не списаны.
error-item-no-money = На балансе не хватает { $asset }. Пополните его и нажмите ещё раз.
error-gift-unknown = Такого подарка нет. Проверьте, что ссылка скопирована целиком.
error-gift-opened = Этот подарок уже открыл кто-то другой.
error-gift-over = Срок этого подарка вышел: деньги вернулись тому, кто его купил.
error-gift-limit = У вас уже есть { $most } — больше в одни руки нельзя. Подарок цел: ссылку может открыть кто-то другой.
error-gift-empty = Подарок сейчас не выдать: в магазине он закончился. Ссылка цела, попробуйте позже.
error-item-line = Не понимаю строку «{ $line }». Пишите так: price: 500 RUB
error-item-invalid = Не указано или вне допустимого: { $what }
error-item-asset = Такой валюты нет. Есть: { $assets }
error-item-bot = Бота { $bot } нет.
error-item-all-bots = Товар для всех ботов заводит тот, кто отвечает за всех. Допишите строку bots: { $bot }
error-item-no-lines = Пришлите ключи текстом или файлом .txt, по одному в строке.
error-item-text = Пришлите текст не длиннее { $most } знаков.
error-item-code-used = Этот код уже использовали: ни вернуть, ни заменить его нельзя. Деньги покупателю можно начислить на его странице.
error-item-file-none = Пришлите файл, фото или видео.
error-item-file-empty = Этот файл пустой: в нём 0 байт.
error-item-file-big = Файл больше { $most } МБ, такие бот не отправит. Сожмите его или продавайте ссылку.
error-item-file-elsewhere = Файл лежит в боте, который сейчас не работает. Попробуйте позже: покупка никуда не денется.
error-item-reason = Напишите причину словами: её увидит покупатель.
error-code-unknown = Такого кода нет.
error-code-used = Этот код уже использовали.
error-code-withdrawn = Этот код отозван: за него вернули деньги или выдали другой.
error-code-conflict = С этим номером уже использован другой код.
error-item-ask = Так поле не прочитать. Пишите: тип | по-русски | in English, где тип — text, number, choice или photo; у choice четвёртой частью варианты через запятую, от 2 до 12.
error-item-not-of-kind = Поле { $field } у товара такого вида не бывает.
error-item-asks-changed = Вопросы к этой услуге изменились. Откройте её ещё раз и ответьте заново; деньги не списаны.
error-item-have = У вас уже есть доступ сюда навсегда. Деньги не списаны.
error-item-access-over = Время этого доступа уже вышло: возвращать нечего. Деньги покупателю можно начислить на его странице.
error-access-chat = Не понимаю, какой это канал или группа. Перешлите пост из канала или пришлите ссылку на любое сообщение: https://t.me/c/1234567890/15. Обычную группу сначала сделайте супергруппой: включите в ней историю для новых участников.
error-access-not-there = Бот @{ $bot } там не админ. Добавьте его в администраторы и пришлите ещё раз.
error-access-rights = Боту @{ $bot } не хватает прав. Разрешите ему приглашать по ссылкам и блокировать участников и пришлите ещё раз.
error-access-public = Это публичный канал или группа: туда и так войдёт кто угодно. Сделайте тип «частный» и пришлите ещё раз.
error-access-not-yours = Продавать вход может тот, кто сам там админ. Попросите владельца канала или группы назначить вас.
error-answer-photo = Пришлите фото: картинкой, не файлом.
error-answer-choice = Выберите один из вариантов кнопкой.
error-answer-number = Нужно число, например 25 или 12,5.
error-answer-text = Напишите ответ текстом, не длиннее { $most } знаков.
error-category-gone = Такой категории больше нет.
error-category-circle = Так категория окажется внутри самой себя или слишком глубоко. Выберите для неё другое место.
error-file-too-big = Файл больше { $most } МБ, Telegram не отдаёт такие ботам. Разделите его на части.

alert-shelf-low = 📉 <b>{ $name }</b>: осталось { $count }. Догрузите ключи.
alert-shelf-service = 🆕 Новый заказ на услугу <b>{ $name }</b>.
alert-shelf-service-late = ⏰ <b>{ $name }</b>: срок близко, а услуга не готова. После срока деньги вернутся покупателю сами.
alert-shelf-empty = 🚫 <b>{ $name }</b>: всё раскупили. Загрузите ключи.
alert-shelf-chat-lost = 🚫 <b>{ $name }</b>: бот больше никого не может впустить в «{ $title }». Верните ему права администратора: приглашать по ссылкам и блокировать участников. Через сутки деньги вернутся тем, кто не смог войти; продажа пока остановлена.

settings-group-shelf = 🛍 Свои товары
setting-shelf-in-menu = Показывать товары в меню
setting-shelf-in-menu-hint = Включите, когда появится что продавать: в меню бота встанет кнопка «Товары».
setting-gift-days = Сколько дней подарок ждёт получателя
setting-gift-days-hint = Если за это время ссылку на подарок никто не откроет, деньги сами вернутся покупателю. Уже купленные подарки ждут столько, сколько обещали.

admin-shelf = 🛍 Свои товары
admin-shelf-title = 🛍 <b>Свои товары</b>
admin-shelf-not-in-menu = ⚠️ В меню бота { $bot } кнопки «Товары» пока нет: включите её, когда всё готово.
admin-item-sold = продаётся
admin-item-retired = снят с продажи; купленное остаётся у покупателей
admin-item-everywhere = все
admin-item =
    🛍 <b>{ $ru }</b> / <b>{ $en }</b> · № { $number }
    { $state } · { $kind }

    Цена: { $price }
    Боты: { $bots }
    Категория: { $category }
    В одни руки: { $limit }
    Начало продаж: { $from }, конец: { $until }
admin-item-stock =
    Свободно: <b>{ $free }</b>, отложено: { $reserved }, продано: { $sold }, отозвано: { $withdrawn }
    Предупредим, когда останется { $low }
admin-item-stock-low =
    ⚠️ Ключи заканчиваются, добавьте ещё.
    Свободно: <b>{ $free }</b>, отложено: { $reserved }, продано: { $sold }, отозвано: { $withdrawn }
admin-item-stock-empty =
    ⚠️ Ключи закончились, купить товар нельзя. Добавьте ещё.
    Отложено: { $reserved }, продано: { $sold }, отозвано: { $withdrawn }
admin-item-filled = Текст для покупателя записан.
admin-item-empty = ⚠️ Текста для покупателя ещё нет: пока его нет, купить нельзя.
admin-item-codes = Коды на руках: <b>{ $made }</b>, использовано: { $used }, отозвано: { $withdrawn }
admin-item-service =
    Срок: { $hours ->
        [one] { $hours } час
        [few] { $hours } часа
       *[other] { $hours } часов
    }, вопросов покупателю: { $count }
admin-item-fields-service =
    У услуги (<code>kind: service</code>) ещё есть:
    <code>hours: 24</code> — за сколько часов сделаете; не успеете, деньги вернутся сами
    <code>ask-1: text | Ник в игре | Name in the game</code>
    <code>ask-2: choice | Сервер | Server | EU, US</code> — ещё бывают number и photo; вопросов до восьми
admin-services = 🛠 Услуги
admin-services-title = 🛠 <b>Услуги</b>, сначала самые срочные. Отмеченные 🆕 ещё никто не взял.
admin-services-none = 🛠 Все услуги сделаны.
admin-waiting-services =
    🛠 Ждут выполнения: { $count ->
        [one] { $count } услуга
        [few] { $count } услуги
       *[other] { $count } услуг
    }
admin-service-due = ⏰ Сделать до { $until }
admin-service-taken = 🛠 Взяли в работу, покупатель это видит.
admin-service-delivered = ✅ Сделано: деньги ваши, покупателю пришёл ответ.
admin-service-refused = ↩️ Отказали: деньги вернулись покупателю.
admin-service-other-bot = Фото пришло в бота { $bot }: откройте заказ там.
admin-item-deliver-ask = ✅ Напишите, что получит покупатель: ссылку, пароль или просто «готово».
admin-item-refuse-ask = ↩️ Почему не получится? Причину увидит покупатель, деньги вернутся ему сразу.
admin-item-file = Файл: { $name }, прислан в бота { $bot }.
admin-item-no-file = ⚠️ Файла ещё нет: пока его нет, купить нельзя.
admin-item-file-ask = 📎 Пришлите файл, фото или видео до 50 МБ. До 20 МБ — для покупателей всех ботов, больше — только для этого бота. Сообщение сразу удалится из чата; кто уже купил, тоже получит новый файл.
admin-item-no-chat = ⚠️ Канал или группа ещё не выбраны: пока их нет, купить нельзя.
admin-item-chat =
    Куда: «{ $title }», впускает бот { $bot }. Срок: { $days ->
        [0] навсегда
        [one] { $days } день
        [few] { $days } дня
       *[other] { $days } дней
    }
    Оплачено: <b>{ $running }</b>, из них внутри: { $inside }
admin-item-chat-lost =
    ⚠️ Бот { $bot } потерял права в «{ $title }»: продажа остановлена. Верните их, и всё заработает само.
    Оплачено: <b>{ $running }</b>, из них внутри: { $inside }
admin-item-chat-ask =
    🚪 Сделайте @{ $bot } администратором закрытого канала или группы с правом приглашать по ссылкам и блокировать участников. Потом перешлите сюда пост из канала или пришлите ссылку на любое сообщение оттуда.

    Покупатели будут отправлять заявку, бот примет только тех, кто заплатил.
admin-item-fields-access =
    У доступа (<code>kind: access</code>) ещё есть:
    <code>days: 30</code> — на сколько дней; no — навсегда
admin-item-ask-new = 🛍 Опишите товар одним сообщением, по строке на поле. Обязательны kind, ru, en и price.
admin-item-ask = 🛍 Напишите, что меняется в товаре № { $number }; остальное останется.
admin-item-fields =
    <code>kind: stock</code> — ключи, каждому свой; <code>kind: text</code> — всем один текст; <code>kind: code</code> — каждому свой код, бот придумает сам; <code>kind: file</code> — всем один файл; <code>kind: service</code> — услугу делаете вы; <code>kind: access</code> — вход в закрытый канал или группу
    <code>ru: Ключ Steam</code>
    <code>en: Steam key</code>
    <code>ru-text: Описание, можно в несколько строк</code>
    <code>en-text: Description</code>
    <code>price: 500 RUB</code> — или TOK, USDT, TON…
    <code>price-vip: 400</code> — своя цена в боте vip
    <code>bots: main, vip</code> — или all
    <code>category: 3</code> · <code>limit: 2</code> · <code>low: 5</code>
    <code>from: 2027-01-31</code> · <code>until: 2027-02-28 18:00</code> — по Москве
    <code>picture: https://…</code>

    Чтобы убрать поле, напишите <code>no</code>.
admin-item-stock-ask =
    🔑 Пришлите ключи текстом или файлом .txt (UTF-8, до 20 МБ), по одному в строке.

    Сообщение сразу удалится из чата, ключи лежат зашифрованными. Повторы и негодные строки назовём по номерам, остальное загрузим.
admin-item-text-ask = ✏️ Пришлите текст, который получит каждый покупатель. Сообщение сразу удалится из чата; кто уже купил, тоже увидит новый текст.
admin-stock-added =
    ✅ { $count ->
        [one] Добавлен { $count } ключ
        [few] Добавлено { $count } ключа
       *[other] Добавлено { $count } ключей
    }
admin-stock-doubles = Повторы ({ $count }), строки: { $lines }
admin-stock-bad = Негодные ({ $count }): длиннее 1000 знаков или не в UTF-8, строки: { $lines }
admin-item-back-ask = ↩️ Почему возвращаем деньги? Причину увидит покупатель. Проданный ключ мы больше никому не отдадим.
admin-item-replace-ask = 🔁 Почему меняем? Причину увидит покупатель. Прежний ключ или код больше никому не достанется.
admin-item-back-done = ↩️ Деньги вернулись покупателю.
admin-item-replace-done = 🔁 Заменили, покупателю сообщили.
admin-categories = 📁 <b>Категории</b>, общие для всех ботов. Покупатель видит те, в которых есть товар.
admin-category =
    📁 <b>{ $ru }</b> / <b>{ $en }</b> · № { $number }
    Внутри категории: { $under }
admin-category-ask =
    📁 Напишите названия; under — номер категории, внутри которой она стоит, или no.

    <code>ru: Игры</code>
    <code>en: Games</code>
    <code>under: no</code>
admin-item-retire-ask =
    🚫 <b>Снять «{ $item }» с продажи?</b>

    Было: продаётся ({ $bots })
    Станет: купить нельзя, купленное остаётся у покупателей
admin-category-hide-ask =
    🚫 <b>Снять категорию «{ $category }» с продажи?</b>

    Было: видна во всех ботах, где в ней есть товары
    Станет: не видна нигде, товары из неё найдёт только поиск
shelf-retire-yes = Да, снять с продажи
