import { useEffect } from 'preact/hooks'
import type { HealthAnswer, QueuesAnswer } from '../../../../src/shop/web/panel/health.ts'
import { useLive } from '../../live.ts'
import { Loaded } from '../../ui.tsx'
import { PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

/** Nothing tells the page that queues have moved, so it asks. The shop reads them once a second for all who look. */
const EVERY_MS = 2_000
/** The states of servers and the outbox are read for each open page, so they are asked for less often. */
const REST_MS = 10_000

export function Health() {
  const queues = useLive<QueuesAnswer>('/queues')
  const health = useLive<HealthAnswer>('/health', REST_MS)
  const w = say()
  const { reload } = queues
  useEffect(() => {
    const look = setInterval(() => {
      if (document.visibilityState === 'visible') reload()
    }, EVERY_MS)
    return () => clearInterval(look)
  }, [reload])
  return (
    <PanelPage title={w.health}>
      <Loaded live={health}>
        {({ lines }) => (
          <ul class="card plain">
            {lines.map(({ light, text }) => (
              <li key={text}>
                <Dot light={light} /> {text}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <h2>{w.queues}</h2>
      <p class="note">{w.queuesHint}</p>
      <Loaded live={queues}>
        {({ queues: list }) => (
          <div class="wide" role="region" aria-label={w.queues} tabIndex={0}>
            <table>
              <thead>
                <tr>
                  {[w.queue, w.waiting, w.active, w.delayed, w.oldest].map((title) => (
                    <th key={title} scope="col">
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {list.map(({ name, title, light, waiting, active, delayed, paused, age }) => (
                  <tr key={name}>
                    <td>
                      <Dot light={light} /> {title} {paused > 0 && <small>{w.paused}</small>}
                    </td>
                    <td>{waiting}</td>
                    <td>{active}</td>
                    <td>{delayed}</td>
                    <td>{age}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Loaded>
    </PanelPage>
  )
}

/** A colour, and a word for people who do not see colours. */
function Dot({ light }: { light: 'good' | 'late' | 'bad' }) {
  return (
    <i class="dot" data-light={light} title={say()[light]}>
      <span class="hidden">{say()[light]}</span>
    </i>
  )
}
