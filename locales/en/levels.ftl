error-activity-conflict = This request number was used for another activity already.
level-up-notice =
    🎉 <b>New level: { $level }</b>

    { $next } XP to the next one.
level-open = My level
badge-notice = { $sign } <b>New badge: { $name }</b>
level-title = 🏆 <b>Level { $level }</b> · { $xp } XP
level-next = To the next level: { $left } XP
level-top = Leaderboard
top-title = 🏆 <b>Leaderboard of all bots</b>
top-empty = Nobody yet. Whoever buys something first will be first here.
top-own = You are number { $place }: { $xp } XP
top-nameless = A customer
top-show-name = Show my name
top-hide-name = Hide my name
top-name-shown = Your name is on the list now
top-name-hidden = Your name is hidden on the list
profile-level = Level { $level } · { $xp } XP · badges: { $badges }
admin-badges = 🏅 Badges
admin-badges-title = 🏅 <b>Badges of</b> <code>{ $id }</code>
admin-badge-none = no
admin-badge-by-hand = given by an admin
admin-badge-earned = earned
admin-badge-give = Give { $badge }
admin-badge-take = Take { $badge }
admin-badge-given = The badge is given
admin-badge-taken = The badge is taken back
admin-badge-same = Nothing has changed
