support-write-here =
    🛟 <b>Поддержка</b>

    Напишите сюда, что случилось, можно с фото. Ответ придёт в этот чат. Если вопрос о платеже или заказе, выберите его: так мы разберёмся быстрее.
support-pass = Передать поддержке
support-about = Вопрос о платеже или заказе
support-choose = 🛟 О чём вопрос?
support-choose-none = 🛟 Платежей и заказов пока нет. Просто напишите, что случилось.
support-ask = 🛟 Напишите, что случилось с <code>{ $number }</code>, можно с фото. Ответ придёт в этот чат.
support-sent =
    ✅ <b>Передали поддержке</b>

    { $text }

    Ответ придёт сюда. Если есть что добавить, просто напишите ещё.
support-answer = Ответить
support-reply-ask = Напишите ответ сообщением, можно с фото.
support-from =
    💬 <b>{ $name }</b> · <code>{ $id }</code>

    { $text }
support-from-about-payment =
    💬 <b>{ $name }</b> · <code>{ $id }</code>
    О платеже <code>{ $number }</code>

    { $text }
support-from-about-order =
    💬 <b>{ $name }</b> · <code>{ $id }</code>
    О заказе <code>{ $number }</code>

    { $text }
support-file = Показать файл
support-open-payment = Открыть платёж
support-open-order = Открыть заказ
support-person = К покупателю
written-about-payment =
    🛟 <b>Сообщение от поддержки</b>
    О платеже <code>{ $number }</code>

    { $text }
written-about-order =
    🛟 <b>Сообщение от поддержки</b>
    О заказе <code>{ $number }</code>

    { $text }
write-preview = 👁 Так это увидит покупатель <code>{ $id }</code>:
write-after = ⚠️ { $time } покупателю уже написал(а) <b>{ $name }</b>: <blockquote>{ $text }</blockquote>
write-send = Отправить
write-again = Написать иначе
write-sent =
    ✅ <b>Отправлено</b> покупателю <code>{ $id }</code>. Ответ придёт сюда.

    { $text }
support-line-person = 💬 { $date } покупатель{ $about }: { $text }
support-line-admin = 🛟 { $date } поддержка{ $about }: { $text }
error-support-too-many = За час можно отправить { $most } сообщений. Мы уже читаем ваши: ответим здесь.
error-support-message = Напишите текст до { $most } знаков или пришлите фото или файл.
support-ask-there = 🛟 Напишите в поддержку о <code>{ $number }</code>: нажмите на номер, чтобы его скопировать.
support-read =
    👀 <b>Поддержка прочитала ваше сообщение</b>

    { $text }

    Ответ придёт сюда. Хотите что-то добавить — просто напишите ещё.
support-file-of = 📎 Файл от { $time }
order-ask = 🛟 Задать вопрос
error-support-file = Файлы больше { $most } МБ до поддержки не доходят. Пришлите фото или файл поменьше.
admin-section-questions = 💬 Вопросы
admin-waiting-questions =
    { $count ->
        [one] Ответа ждёт { $count } покупатель
        [few] Ответа ждут { $count } покупателя
       *[many] Ответа ждут { $count } покупателей
    }
admin-waiting-since = с { $time }
questions-title =
    💬 <b>Вопросы</b>

    Сверху те, что ждут дольше. Кнопка открывает то, о чём вопрос.
questions-empty = 💬 Ответа никто не ждёт.
question-end = Ответ не нужен
question-end-ask = Вопрос уйдёт из списка, покупатель ответа не получит. Сообщение останется в истории.
question-end-yes = Закрыть
question-ended = Вопрос закрыт.
question-more = Пока страница была открыта, пришло ещё: «{ $text }». Это сообщение ждёт ответа.
question-answer-done = Сообщение отправлено.
error-support-answered = Не отправлено: { $name } уже ответил(а): «{ $text }». Обновите страницу. Если ваш ответ всё ещё нужен, отправьте его оттуда.
topic-act-written = ✅ <b>{ $who }</b> написал(а) покупателю <code>{ $number }</code>:
topic-act-person = ✅ <b>{ $who }</b> { $action }. Покупатель <code>{ $number }</code>
topic-act-payment = ✅ <b>{ $who }</b> { $action }. Платёж <code>{ $number }</code>
topic-act-order = ✅ <b>{ $who }</b> { $action }. Заказ <code>{ $number }</code>
topic-act-words = <blockquote>{ $words }</blockquote>
group-answer-sent = ✅ Отправлено покупателю.
group-answer-edited = Покупатель уже получил первый вариант, правка к нему не уйдёт. Чтобы поправить, ответьте ещё раз.
group-answer-ask = Отправить это покупателю?
group-answer-again =
    Пока не отправлено: { $time } покупателю уже ответил(а) <b>{ $name }</b>.

    <blockquote>{ $text }</blockquote>

    Отправить и ваше сообщение?
group-answer-send = Отправить покупателю
question-read = 👁 Прочитано
question-read-told = Покупатель видит, что сообщение прочитано.
group-read = 👁 Сообщение прочитано: { $name }
group-read-before = 👁 Уже прочитано
group-taken = 🛠 В работе: { $name }
group-asked = Теперь нажмите кнопку со своим именем.
error-group-asked = Об этом спросили другого администратора. Начните сами с первой кнопки.
duration-days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[many] { $count } дней
  }
settings-group-support = 🛟 Поддержка
setting-support-days = Сколько дней хранить переписку с поддержкой
setting-support-days-hint = Через столько дней переписка покупателей с поддержкой удаляется вместе с фото и файлами.
job-support-read = Отметка «прочитано» у покупателя
job-upkeep-forget-messages = Удаление старой переписки с поддержкой
audit-question-closed = закрыл(а) вопрос без ответа
panel-column-age = Ждёт
panel-column-words = Сообщение
question-words = Ваше сообщение
