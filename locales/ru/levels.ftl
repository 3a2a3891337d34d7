error-activity-conflict = Этот номер запроса уже использован для другой активности.
level-up-notice =
    🎉 <b>Новый уровень: { $level }</b>

    До следующего — { $next } XP.
level-open = Мой уровень
badge-notice = { $sign } <b>Новый значок: { $name }</b>
level-title = 🏆 <b>Уровень { $level }</b> · { $xp } XP
level-next = До следующего уровня: { $left } XP
level-top = Лучшие
top-title = 🏆 <b>Лучшие во всех ботах</b>
top-empty = Пока никого. Первым станет тот, кто что-нибудь купит.
top-own = Вы на { $place }-м месте: { $xp } XP
top-nameless = Покупатель
top-show-name = Показывать моё имя
top-hide-name = Скрыть моё имя
top-name-shown = Теперь ваше имя видно в списке
top-name-hidden = Ваше имя в списке скрыто
profile-level = Уровень { $level } · { $xp } XP · значки: { $badges }
admin-badges = 🏅 Значки
admin-badges-title = 🏅 <b>Значки</b> <code>{ $id }</code>
admin-badge-none = нет
admin-badge-by-hand = вручён администратором
admin-badge-earned = заслужен
admin-badge-give = Вручить { $badge }
admin-badge-take = Забрать { $badge }
admin-badge-given = Значок вручён
admin-badge-taken = Значок снят
admin-badge-same = Ничего не изменилось
