admin-section-broadcasts = 📣 Рассылки
admin-waiting-broadcasts = Рассылок на паузе: { $count }
broadcasts-title = 📣 <b>Рассылки</b>
broadcasts-empty = 📣 Рассылок ещё не было.
broadcast-new = ✍️ Новая рассылка
broadcast-open = Открыть рассылку
broadcast-title-send = Рассылка
broadcast-title-delete = Удаление у всех
broadcast-title-edit = Правка у всех
broadcast-state-draft = черновик
broadcast-state-scheduled = ждёт начала
broadcast-state-running = идёт
broadcast-state-paused = на паузе
broadcast-state-done = завершена
broadcast-state-cancelled = отменена
broadcast-sent-send = Отправлено { $count } из { $total }
broadcast-sent-delete = Удалено { $count } из { $total }
broadcast-sent-edit = Исправлено { $count } из { $total }
broadcast-others = Остановили бота: { $blocked } · не удалось: { $failed } · неизвестно: { $uncertain }
broadcast-pace = { $rate } в секунду, осталось около { $left }
broadcast-paused-because = ⚠️ { $reason }
broadcast-reason-token = Telegram не принимает токен бота
broadcast-reason-no-source = сообщения, которое копируем, больше нет в вашем чате с ботом: начните новую рассылку
broadcast-reason-no-stars = у бота мало звёзд: пополните его баланс или выключите «платно»
broadcast-reason-not-served = среди получателей есть покупатели чужого бота: уберите его из аудитории
broadcast-reason-no-chat = вы не открыли один из выбранных ботов: откройте его и запустите ещё раз
broadcast-reason-too-old = часть сообщений старше 48 часов, такие Telegram ботам удалять не даёт
broadcast-not-started =
    ⚠️ <b>Рассылка не началась</b>

    Она снова черновик, причина — в нём.
broadcast-waits =
    ⏸ <b>Рассылка ждёт</b>: { $reason }

    Список получателей сохранён. Устраните причину и нажмите «Продолжить».
broadcast-fee = 💫 Telegram списал: { $stars } ⭐
broadcast-fee-most = 💫 Telegram спишет до { $stars } ⭐ за уже отправленное
error-broadcast-no-stars = Telegram возьмёт с бота { $bot } до { $needs }, а у него { $has }. Пополните баланс или выключите «платно».
broadcast-delete-late = Telegram удаляет сообщения не старше 48 часов.
broadcast-at = Начнётся { $date }
broadcast-pause = ⏸ Пауза
broadcast-resume = ▶️ Продолжить
broadcast-cancel = ⏹ Отменить
broadcast-edit = ✏️ Исправить у всех
broadcast-delete = 🗑 Удалить у всех
broadcast-resend = 🔁 Повторить неизвестные
broadcast-csv = 📄 Результаты в CSV
broadcast-changed = Готово.
broadcast-changed-before = Рассылку уже изменил другой администратор. Вот её состояние.
broadcast-resending =
    { $count ->
        [0] Неизвестных нет.
       *[other] Повторяем: { $count }
    }
broadcast-delete-ask =
    🗑 <b>Удалить сообщение у всех?</b>

    Его получили { $count }. Telegram удаляет сообщения не старше 48 часов.
duration-hours = { $hours } ч { $minutes } мин

broadcast-content-ask =
    ✍️ <b>Пришлите сообщение или альбом</b> ({ $language })

    Мы скопируем его как есть: с оформлением, файлами и эмодзи.
broadcast-all-languages = все языки
broadcast-content-line =
    💬 { $language }: { $kind }{ $buttons ->
        [0] {""}
        [one] , { $buttons } кнопка
        [few] , { $buttons } кнопки
       *[many] , { $buttons } кнопок
    }
broadcast-kind-text = текст
broadcast-kind-photo = фото
broadcast-kind-video = видео
broadcast-kind-animation = GIF
broadcast-kind-document = файл
broadcast-kind-audio = музыка
broadcast-kind-voice = голосовое
broadcast-kind-sticker = стикер
broadcast-kind-video-note = кружок
broadcast-kind-album = альбом из { $count }
broadcast-audience = 👥 Кому: { $audience }
broadcast-count =
    📨 { $about }{ $count ->
        [one] { $count } получатель
        [few] { $count } получателя
       *[many] { $count } получателей
    }, займёт около { $time }
broadcast-when = 🕒 Начало: { $when }
broadcast-at-once = сразу
broadcast-price = ⭐ Платно: { $about }до { $stars } с баланса бота
broadcast-album-hint = К альбому Telegram не даёт прикрепить кнопки.
broadcast-preview = 👁 Показать мне
broadcast-test = 🧪 Всем админам
broadcast-rewrite = ✍️ Переписать
broadcast-buttons = 🔗 Кнопки
broadcast-in-ru = Русский текст
broadcast-in-en = Английский текст
broadcast-whom = 👥 Кому
broadcast-time = 🕒 Когда
broadcast-option-silent = Без звука
broadcast-option-optout = Кнопка отказа
broadcast-option-paid = Платно: до 1000 в секунду
broadcast-start = Запустить
broadcast-start-send = Запустить на { $count }
broadcast-start-edit = Исправить у { $count }
broadcast-start-delete = Удалить у { $count }
broadcast-many = ❗️ Получателей много: { $count }. Проверьте ещё раз: то, что они увидят, уже не вернуть.
broadcast-many-yes = Да, проверено: { $count }
broadcast-drop = 🗑 Удалить
broadcast-shown = Показали вам
broadcast-tested = Отправлено админам: { $count }
broadcast-tested-some = Отправлено админам: { $count } из { $total }. Остальным не дошло: они не запускали бота или заблокировали его.
broadcast-buttons-ask =
    🔗 <b>Пришлите кнопки</b>, по строке на ряд:

    <code>Открыть магазин - https://example.com</code>
    <code>Канал - https://t.me/a | Чат - https://t.me/b</code>

    «—» убирает кнопки.
broadcast-when-ask =
    🕒 <b>Когда начать?</b> (по Москве)

    <code>18:30</code> · <code>24.12 18:30</code> · <code>+2ч</code> · <code>+30м</code>
broadcast-paid-hint = 0,1 звезды за сообщение, до 1000 в секунду. На балансе бота { $stars }. Telegram разрешает это большим ботам.
error-broadcast-nobody = По этим правилам получателей нет.
error-broadcast-draft-changed = Черновик изменился с тех пор, как вы открыли эту страницу. Посмотрите и запустите ещё раз.
error-broadcast-grown = Получателей стало заметно больше: { $count }. Проверьте и запустите ещё раз.
mailings-off = Не присылать рассылки
mailings-are-off = Рассылок от этого бота больше не будет. Сообщения о ваших платежах и заказах останутся.
mailings-on = Присылать рассылки
mailings-are-on = Снова будем присылать новости этого бота.

audience-about = примерно
audience-guessed = Посчитано по выборке: настоящее число, скорее всего, отличается не больше чем на { $off }. Точное покажем перед запуском.
audience-none-guessed = Посчитано по выборке, и в ней не подошёл никто: скорее всего, таких не больше { $off }. Точное число покажем перед запуском.
audience-title =
    👥 <b>Кому</b>

    { $audience }
    Сейчас это { $about }{ $count ->
        [one] { $count } покупатель
        [few] { $count } покупателя
       *[many] { $count } покупателей
    }. Остановившие бота и отказавшиеся от рассылок не считаются.
audience-all = всем
audience-any = любой
audience-yes = да
audience-no = нет
audience-language = Язык
audience-activedays = Активен, дн.
audience-idledays = Не заходил, дней
audience-buyers = Покупал
audience-tokens = Токенов от
audience-premium = Premium
audience-tag = Метка: { $tag }
audience-nottag = Кроме метки: { $tag }
audience-not-last = Кроме прошлой рассылки
audience-tag-ask = Пришлите метку ссылки (?start=<b>метка</b>), по которой пришли покупатели. «—» убирает её.

broadcast-report-send =
    📣 <b>Рассылка завершена</b>

    Отправлено { $sent } из { $total }, это заняло { $minutes ->
        [0] меньше минуты
       *[other] { $minutes } мин
    }
    Остановили бота: { $blocked } · не доставлено: { $failed } · неизвестно: { $uncertain }
broadcast-report-delete =
    🗑 <b>Удаление завершено</b>: { $sent } из { $total }, не удалось { $failed }{ $late ->
        [0] {""}
       *[other] , из них старше 48 часов — { $late }: такие Telegram ботам удалять не даёт
    }
broadcast-report-edit =
    ✏️ <b>Правка завершена</b>: { $sent } из { $total }, не удалось { $failed }
job-broadcast-start = Начало рассылки
job-broadcast-close = Завершение рассылки
job-broadcast-send = Рассылка
audit-broadcast-start = запустил(а) рассылку
audit-broadcast-pause = поставил(а) рассылку на паузу
audit-broadcast-resume = продолжил(а) рассылку
audit-broadcast-cancel = отменил(а) рассылку
audit-broadcast-resend = повторил(а) неизвестные
audit-broadcast-delete = удаляет рассылку у всех
audit-broadcast-edit = правит рассылку у всех
error-broadcast-content = Такое сообщение нельзя разослать. Пришлите текст, фото, видео, файл или альбом.
error-broadcast-away = Бот не смог вам написать. Откройте чат с ним, напишите /start и попробуйте ещё раз.
error-broadcast-buttons = Не понял строку «{ $line }». Нужно: Текст - https://ссылка
error-broadcast-time = Не понял время, или оно прошло. Например: 18:30 или +2ч
error-broadcast-tag = Метка — это латинские буквы, цифры, _ и -.
error-broadcast-started = Эта рассылка уже не черновик. Откройте её в списке: /broadcast
error-broadcast-edit-kind = Так заменить нельзя: текст заменяется текстом, а фото, видео, файл и музыка — друг другом.
error-broadcast-album-size = В отправленном альбоме частей: { $count }. Пришлите столько же.
error-broadcast-caption = Подпись слишком длинная: в неё помещается до { $max } символов.
broadcast-cancel-ask =
    ⏹ <b>Отменить рассылку?</b>

    Отправлено { $count } из { $total }. Остальные её не получат, и продолжить её будет нельзя.
broadcast-cancel-yes = Да, отменить рассылку
error-broadcast-not-shown = Бот не смог прислать вам текст, поэтому ничего не сохранено. Откройте чат с ботом и попробуйте ещё раз.
broadcast-drop-ask =
    🗑 <b>Удалить черновик?</b>

    Было: черновик, его ещё никто не получил
    Станет: удалён; вернуть его нельзя, только написать заново
broadcast-drop-yes = Да, удалить черновик
broadcast-resend-ask =
    🔁 <b>Отправить ещё раз?</b>

    Было: неизвестно, дошло ли сообщение ({ $count })
    Станет: отправим снова; до кого оно уже дошло, получит его дважды
broadcast-resend-yes = Да, отправить ещё раз: { $count }
