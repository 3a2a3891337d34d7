import { render } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { MeAnswer } from '../../../src/shop/web/panel/session-routes.ts'
import { liveFrom } from '../live.ts'
import type { Problem } from '../problem.ts'
import { Said, Trouble } from '../ui.tsx'
import { speak } from '../languages.ts'
import { enter, follow, get } from './api.ts'
import { Confirmation } from './confirm.tsx'
import { sectionOf, sections, shown } from './pages.tsx'
import { Go } from './parts.tsx'
import { usePlace } from './router.ts'
import { say } from './words.ts'

/** A page of a busy shop would ask without an end. The first change is shown at once, further ones after this time. */
const REST_MS = 1_000

const LANGUAGE = 'telekassa-panel-language'

function Frame({ me }: { me: MeAnswer }) {
  const place = usePlace()
  const w = say()
  const here = sectionOf(place)
  const side = useRef<HTMLElement>(null)
  // A phone shows a part of the sections, and so does a low window.
  useEffect(() => {
    side.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [here])
  return (
    <>
      <a class="skip" href="#main">
        {w.skip}
      </a>
      <nav class="side" ref={side} aria-label={w.sections}>
        <p class="bot">{me.bot}</p>
        <ul>
          {sections(me).map(([page, title]) => (
            <li key={page}>
              <Go to={page} aria-current={page !== here ? undefined : page === place.page ? 'page' : 'true'}>
                {title}
              </Go>
            </li>
          ))}
        </ul>
        <p class="note">
          {me.name}
          <br />
          {me.roleText}
        </p>
      </nav>
      <Said />
      {shown(place, me)}
      <Confirmation />
    </>
  )
}

function Panel() {
  const [me, setMe] = useState<MeAnswer>()
  const [problem, setProblem] = useState<Problem>()
  useEffect(() => {
    enter()
      .then(() => get<MeAnswer>('/me'))
      .then((answer) => {
        localStorage.setItem(LANGUAGE, answer.language)
        speak(answer.language)
        setMe(answer)
      })
      .catch(setProblem)
  }, [])
  if (me) return <Frame me={me} />
  return (
    <main id="main">
      <h1>{say().panel}</h1>
      {problem ? <Trouble problem={problem} /> : <p role="status">{say().opening}</p>}
    </main>
  )
}

speak(localStorage.getItem(LANGUAGE))
document.title = say().panel
liveFrom({ get, follow, restMs: REST_MS })
render(<Panel />, document.getElementById('app')!)
