error-activity-conflict = Этот запрос уже занят другим занятием.
level-up-notice =
    🎉 <b>Новый уровень: { $level }</b>

    До следующего — { $next } XP.
level-open = Мой уровень
badge-notice = { $sign } <b>Новый значок: { $name }</b>
