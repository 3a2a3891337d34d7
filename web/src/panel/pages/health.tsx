import { useEffect } from 'preact/hooks'
import type { HealthAnswer, QueuesAnswer } from '../../../../src/shop/web/panel/health.ts'
import { useLive } from '../../live.ts'
import { Loaded } from '../../ui.tsx'
import { PanelPage } from '../parts.tsx'
import { say } from '../words.ts'

/** Queues move without telling anybody; the shop answers all who look from one reading a second. */
const EVERY_MS = 2_000
/** The states of servers and the outbox are read for each open page. */
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
                {list.map(({ name, light, waiting, active, delayed, paused, age }) => (
                  <tr key={name}>
                    <td>
                      <Dot light={light} /> {name} {paused > 0 && <small>{w.paused}</small>}
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

/** A colour, and the same for whoever does not see colours. */
function Dot({ light }: { light: 'good' | 'late' | 'bad' }) {
  return (
    <i class="dot" data-light={light} title={say()[light]}>
      <span class="hidden">{say()[light]}</span>
    </i>
  )
}
