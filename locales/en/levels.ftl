error-activity-conflict = This request already belongs to another activity.
level-up-notice =
    🎉 <b>New level: { $level }</b>

    { $next } XP to the next one.
level-open = My level
badge-notice = { $sign } <b>New badge: { $name }</b>
level-title = 🏆 <b>Level { $level }</b> · { $xp } XP
level-next = To the next level: { $left } XP
level-top = The best
top-title = 🏆 <b>The best of all bots</b>
top-empty = Nobody yet. The first purchase or activity opens the list.
top-own = You are number { $place }: { $xp } XP
profile-level = Level { $level } · { $xp } XP · badges: { $badges }
