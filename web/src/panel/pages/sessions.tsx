import type { SessionsAnswer } from '../../../../src/shop/web/panel/session-routes.ts'
import { useLive } from '../../live.ts'
import { Act, Loaded } from '../../ui.tsx'
import { post } from '../api.ts'
import { PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

export function Sessions() {
  const live = useLive<SessionsAnswer>('/sessions')
  const w = say()
  const end = async (session?: string) => {
    await post('/sessions/end', { ...(session && { session }) })
    live.reload()
  }
  return (
    <PanelPage title={w.sessions}>
      <p class="note">{w.sessionsHint}</p>
      <Loaded live={live}>
        {({ sessions }) => (
          <>
            <ul class="list">
              {sessions.map(({ id, browser, since, until, isThis }) => (
                <li class="row" key={id}>
                  <span>
                    <b>
                      {browser} {isThis && `· ${w.thisOne}`}
                    </b>
                    <small>
                      {since} → {until}
                    </small>
                  </span>
                  <Act kind="link" run={() => end(id)}>
                    {w.close}
                  </Act>
                </li>
              ))}
            </ul>
            <div>
              <Act run={() => end()}>{w.closeAll}</Act>
            </div>
          </>
        )}
      </Loaded>
    </PanelPage>
  )
}
