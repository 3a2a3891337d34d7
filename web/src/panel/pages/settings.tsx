import type { SettingsAnswer } from '../../../../src/shop/web/panel/settings.ts'
import { useLive } from '../../live.ts'
import { Loaded, withoutSign } from '../../ui.tsx'
import { Go, PanelPage } from '../parts.tsx'
import { go } from '../router.ts'
import type { Place } from '../router.ts'
import { say } from '../words.ts'

type One = SettingsAnswer['groups'][number]['settings'][number]

/** Many people type е for ё. */
const plainly = (text: string): string => text.toLowerCase().replaceAll('ё', 'е')

/** All settings by their groups, with the values of this bot. What the reader looks for stands in the address. */
export function Settings({ place }: { place: Place }) {
  const live = useLive<SettingsAnswer>('/settings')
  const w = say()
  const word = (place.filters.get('q') ?? '').trim()
  const fits = (one: One) =>
    [one.title, one.hint ?? '', one.key, one.value].some((text) => plainly(text).includes(plainly(word)))
  return (
    <PanelPage title={w.settings}>
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <label>
          <small>{w.findSetting}</small>
          <input
            name="q"
            type="search"
            value={word}
            onInput={({ currentTarget: { value } }) =>
              go(`settings${value && `?q=${encodeURIComponent(value)}`}`, { replace: true })
            }
          />
        </label>
      </form>
      <p class="note">{w.settingsHint}</p>
      <Loaded live={live}>
        {({ groups }) => {
          const found = groups
            .map((group) => ({ ...group, settings: group.settings.filter(fits) }))
            .filter(({ settings }) => settings.length > 0)
          if (found.length === 0) return <p class="note">{w.foundNothing}</p>
          return (
            <>
              {found.map(({ name, title, settings }) => (
                <section key={name}>
                  <h2>{withoutSign(title)}</h2>
                  <ul class="list">
                    {settings.map((one) => (
                      <li class="row" key={one.key}>
                        <span>
                          <Go to={`settings/${one.key}`}>{one.title}</Go>
                          {one.hint && <small>{one.hint}</small>}
                        </span>
                        <span class="end value">
                          <b>{one.value}</b>
                          <Origin origin={one.origin} />
                        </span>
                      </li>
                    ))}
                  </ul>
                </section>
              ))}
            </>
          )
        }}
      </Loaded>
    </PanelPage>
  )
}

/** Says where a value comes from, so that the bot's own values stand out. */
export function Origin({ origin }: { origin: One['origin'] }) {
  const w = say()
  const names = { bot: w.fromBot, all: w.fromAll, default: w.fromDefault }
  return (
    <small class="badge" data-origin={origin}>
      {names[origin]}
    </small>
  )
}
