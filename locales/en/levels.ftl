error-activity-conflict = This request already belongs to another activity.
level-up-notice =
    🎉 <b>New level: { $level }</b>

    { $next } XP to the next one.
level-open = My level
badge-notice = { $sign } <b>New badge: { $name }</b>
