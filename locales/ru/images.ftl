menu-image = Картинка
menu-images = Мои картинки
command-generate = Нарисовать картинку
command-images = Ваши картинки

image-models =
    🎨 <b>Новая картинка</b>

    Выберите модель или сразу напишите, что нарисовать. Цена указана за одну картинку; токены спишутся, только когда картинка придёт.
image-models-none = Сейчас картинки не рисуются: модели выключены. Загляните позже.
image-draft = 🎨 <b>Новая картинка</b>
image-draft-ask = Напишите сообщением, что нарисовать.
image-draft-ask-photo = Можно прислать фото с подписью: модель возьмёт его за основу.
image-draft-photos = Ваших фото: { $count }
image-draft-limit = Описание слишком длинное: { $length } { $length ->
    [one] символ
    [few] символа
   *[many] символов
}, эта модель принимает до { $most }.
image-go = Нарисовать · { $price }
image-other-model = Другая модель
image-no-photo = Без фото
image-vary-ask = Напишите, каким будет новый вариант. Прежний текст выше.
image-accepting = ⏳ <b>Принимаем заказ…</b>

image-queued = ⏳ <b>В очереди</b>
image-queue-place = Место в очереди: { $place } · будет готово примерно через { $seconds } с
image-handed = ⏳ <b>Модель приняла заказ</b>
image-drawing = 🎨 <b>Рисуем</b>
image-elapsed = { $elapsed } с, обычно { $usual } с
image-uploading = 📤 <b>Готово, отправляем вам</b>
image-cancelled = <b>Заказ отменён</b>
image-free = бесплатно
image-again = Ещё раз · { $price }
image-again-free = Ещё раз
image-vary = Изменить
image-as-file = Файлом
image-cancel = Отменить
image-tokens-back = Токены вернулись на баланс.
image-late = 🎁 Картинка всё-таки пришла. Токены за неё уже вернулись, так что она в подарок.
image-file-gone = Эта картинка больше нигде не хранится. Нарисуйте её ещё раз: /images
image-sending-file = Отправляем файл
image-sending = Отправляем картинку
image-already = Эта картинка уже заказана
image-too-late = Картинку уже рисуют, отменить нельзя
image-price-changed = Цена изменилась. Проверьте её на кнопке.
image-short =
    Картинка стоит { $price }. Не хватает: { $lacking }.

    Оплатите разницу удобным способом, и мы сразу начнём рисовать.
image-pay-stars = Оплатить { $sum }
image-pay-roubles = Картой или криптой · { $sum }
image-change = Изменить картинку
image-pay-rest = Доплатить
image-ready-notice = 🎨 Картинка готова: { $shows }
image-ready-plain = 🎨 Картинка готова
image-waiting = картинка «{ $shows }»
image-still-short = Этого пока не хватает на картинку. Она подождёт сутки.
image-not-drawn = Картинку уже не получится нарисовать по этому заказу. Деньги остались на вашем балансе.
image-to-draft = К картинке

image-reason-refused = Модель отказалась рисовать по этому тексту. Попробуйте описать иначе.
image-reason-invalid = Модель не приняла текст или фото. Попробуйте описать иначе.
image-reason-failed = Модель не справилась с картинкой. Можно попробовать ещё раз.
image-reason-no-credits = Модель сейчас недоступна. Мы уже знаем об этом.
image-reason-unavailable = Модель сейчас недоступна. Мы уже знаем об этом.
image-reason-timeout = Модель не успела нарисовать картинку. Если картинка придёт позже, она будет бесплатной.
image-reason-lost = Связь с моделью прервалась, и картинка не пришла.
image-reason-queue = Очередь была слишком длинной и до вашей картинки не дошла.
image-reason-broken = Модель прислала файл, который нельзя показать.
image-reason-undeliverable = Telegram не принял картинку.
image-reason-photo-heic = Фото в формате HEIC мы открыть не можем. Отправьте его как фото, а не файлом: Telegram сам переведёт его в JPEG.
image-reason-photo-pixels = Фото слишком большое: в нём больше 80 мегапикселей. Отправьте его как фото, а не файлом.
image-reason-photo-broken = Фото не открылось. Отправьте его ещё раз: как фото или файлом JPEG, PNG, WebP.

error-image-file-heic = Файлы HEIC мы открыть не можем. Отправьте это изображение как фото, а не файлом: Telegram сам переведёт его в JPEG.
error-image-file-size = Файл больше 20 МБ, а такие Telegram ботам не отдаёт. Отправьте его как фото, а не файлом.
error-image-file-type = Такие файлы мы не открываем. Подойдут JPEG, PNG и WebP, или отправьте изображение как фото.
error-image-gone = Этого заказа больше нет. Начните заново: /generate
error-image-no-prompt = Сначала напишите, что нарисовать.
error-image-refused-word = В описании есть запрещённые слова. Измените его и попробуйте снова.
error-image-too-many = Сейчас { $most ->
    [one] рисуется { $most } ваша картинка
    [few] рисуются { $most } ваши картинки
   *[many] рисуется { $most } ваших картинок
}. Подождите, пока освободится место.
error-image-day-is-over = Лимит на сегодня исчерпан: { $most ->
    [one] { $most } картинка
    [few] { $most } картинки
   *[many] { $most } картинок
} в день. Новые — после 03:00 МСК.
error-image-too-long = Слишком длинный текст: символов в нём { $length }, а эта модель принимает до { $most }.

images-title = 🖼 <b>Ваши картинки</b>
images-empty = Картинок пока нет. Первую можно нарисовать командой /generate
images-line = { $number }. { $prompt } — { $model }, { $price }
images-older = Старее ›
images-new = Новая картинка

image-alert-no-credits = ⚠️ У модели картинок кончились кредиты, заказы возвращаются покупателям: { $detail }
image-alert-unavailable = ⚠️ Модель картинок не принимает заказы, проверьте ключ и модель: { $detail }
image-alert-credits = ⚠️ На счету { $provider } осталось { $credits } { $credits ->
    [one] кредит
    [few] кредита
   *[many] кредитов
}, порог — { $least }

image-admin =
    🎨 <b>Картинки</b>

    { $state }
    В очереди: { $queued }, рисуются: { $running }, отправляются: { $ready }
    За сутки: готово { $done }, не удалось { $failed }
image-admin-section = 🎨 Картинки
image-admin-waiting = Картинки вернулись из-за ключа или кредитов: { $count }
image-admin-running = Работает
image-admin-paused = ⏸ Пауза: новые картинки ждут
image-admin-credits = { $provider }: { $credits } { $credits ->
    [one] кредит
    [few] кредита
   *[many] кредитов
}
image-admin-credits-unknown = { $provider }: остаток узнать нельзя
image-failure-refused = модель отказалась рисовать
image-failure-invalid = модель не приняла текст или фото
image-failure-failed = модель не справилась
image-failure-no-credits = на счету кончились кредиты
image-failure-unavailable = модель недоступна
image-failure-timeout = модель не успела
image-failure-lost = связь с моделью прервалась
image-failure-queue = не дождались очереди
image-failure-broken = пришёл негодный файл
image-failure-undeliverable = Telegram не принял картинку
image-failure-photo-heic = фото в HEIC
image-failure-photo-pixels = слишком большое фото
image-failure-photo-broken = фото не открылось
image-admin-failure = • { $reason } — { $count }
image-admin-pause = Пауза
image-admin-resume = Продолжить
image-admin-models = Модели и цены
image-admin-words = Запрещённые слова
image-admin-refused = Отказы
image-admin-limits = Ограничения
image-admin-model =
    <b>{ $title }</b> ({ $provider })

    Цена: { $price }
    Обычно рисует за { $seconds } с
    { $state }
image-admin-model-on = Продаётся
image-admin-model-off = Скрыта
image-admin-hide = Скрыть
image-admin-offer = Продавать
image-admin-price = Другая цена
image-admin-price-ask = Напишите новую цену в токенах, целым числом. 0 — бесплатно.
image-admin-words-list =
    🚫 <b>Запрещённые слова</b>

    { $words }

    Напишите слова или фразы, каждую с новой строки: новые добавятся, уже записанные исчезнут.
image-admin-words-none = Список пуст.
image-admin-refused-title = 🚫 <b>Последние отказы</b>
image-admin-refused-none = Отказов не было.
image-admin-refused-line = { $date } · <code>{ $person }</code> · { $by }: { $prompt }
image-admin-by-words = слова
image-admin-by-provider = модель
image-admin-limits-ask =
    <b>Ограничения</b>

    Одновременно у одного покупателя: { $atOnce }
    Ещё могут ждать: { $waiting }
    В день: { $perDay }
    Из них бесплатно: { $freePerDay }

    Напишите четыре числа через пробел в этом порядке.
error-image-cheap = Для всех ботов такая картинка стоит { $least }, и дешевле отдельный бот продавать её не может: за картинки всех ботов платят с одного счёта. Поставьте не меньше или измените цену для всех ботов.
error-image-admin-number = Это не целое число из допустимых. Напишите ещё раз.
error-image-admin-words = Напишите слова текстом, каждое с новой строки.
error-image-admin-limits = Нужны четыре целых числа через пробел, например: 2 10 100 0
image-plan-back = Подписка сразу вернёт { $sum } на баланс.
image-admin-pause-ask =
    ⏸ <b>Приостановить картинки?</b>

    Было: рисуются во всех ботах
    Станет: новые картинки ждут, пока вы не нажмёте «Продолжить»
image-admin-pause-yes = Да, приостановить
image-admin-price-of = Цена картинки · { $title }
provider-name-demo = Учебный генератор
inline-image = Опишите, что хотите увидеть, — нарисуем прямо в чате.
