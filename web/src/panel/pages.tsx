import type { ComponentChildren } from 'preact'
import type { MeAnswer } from '../../../src/shop/web/panel/session-routes.ts'
import { Home } from './pages/home.tsx'
import { Sessions } from './pages/sessions.tsx'
import { PanelPage } from './parts.tsx'
import type { Place } from './router.ts'
import { say } from './words.ts'

/** The pages in the order in which they stand at the side. Adding one: its file, its line here and in `shown`. */
export function sections(_me: MeAnswer): [page: string, title: string][] {
  const w = say()
  return [
    ['', w.home],
    ['sessions', w.sessions],
  ]
}

export function shown(place: Place, me: MeAnswer): ComponentChildren {
  switch (place.page) {
    case '':
      return <Home me={me} />
    case 'sessions':
      return <Sessions />
    default:
      return (
        <PanelPage title={say().nothing}>
          <p>{say().nothingHint}</p>
        </PanelPage>
      )
  }
}
