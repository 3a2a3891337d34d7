referral-paid-notice = 🤝 Вознаграждение за друга: <b>{ $sum }</b>.
menu-friends = Друзья
friends =
    🤝 <b>Пригласите друзей</b>

    { $terms }

    Приглашено: { $invited }, из них платили: { $paying }
    Получено: { $earned }
    Ожидает: { $held }

    { $link }
friends-terms = С каждой оплаты друга вам — { $percent }{"\u00A0"}%.
friends-terms-further = С оплат друзей ваших друзей — { $second }{"\u00A0"}%{ $further ->
    [none] { "" }
   *[other] , следующих кругов — { $further }{"\u00A0"}%
}.
friends-terms-when = Зачислим через { $days ->
    [one] { $days } день
    [few] { $days } дня
   *[many] { $days } дней
}, когда возврат уже невозможен.
friends-terms-none = Сейчас за приглашения ничего не начисляем.
friends-existing = 🤝 Вы уже были у нас раньше, поэтому это приглашение не засчитано.
friends-invite = Позвать
friends-copy = Скопировать ссылку
friends-qr = QR-код
friends-counted = 🤝 Вы пришли по приглашению друга. Он получит вознаграждение, когда вы что-нибудь купите.
friends-self = Это ваша собственная ссылка: отправьте её друзьям.
admin-referrals = 🤝 Приглашения
admin-referrals-report =
    🤝 <b>Приглашения во всех ботах</b>

    Приглашено: { $invited }, пригласивших: { $inviters }, платят: { $paying }
    Выплачено: { $paid }
    Ждут срока: { $held }
    Отменено с возвратами: { $cancelled }
    Снято обратно: { $back }

    Правила: { $percents } с платежа, через { $days } дн.

    Кто приглашает больше всех (из них платят):
admin-referrals-person = 🤝 Приглашено: { $invited }, платят: { $paying } · получено { $earned } · ждёт { $held }
admin-referrals-percents = Проценты
admin-referrals-days = Срок
inline-invite-title = Позвать друга
inline-invite-heading = 🤝 Приглашаю вас
inline-invite = Магазин прямо в Telegram: выбираете, платите и получаете в одном чате.
inline-key-shop = Открыть магазин
