import { post } from '../api.ts'
import { Icon } from '../icon.tsx'
import { go } from '../router.ts'
import { Act, InChat, Page } from '../ui.tsx'
import { speak, spoken } from '../languages.ts'
import { words } from '../words.ts'

const WAYS = ['purchases', 'plans', 'promo', 'friends', 'addresses'] as const
/** Each language is named in its own words, so that a reader who knows no other language finds it. */
const LANGUAGES = [
  ['ru', 'Русский'],
  ['en', 'English'],
] as const

/** Leads to what people do not use every day. */
export function More() {
  const w = words()
  return (
    <Page title={w.more}>
      <ul class="list">
        {WAYS.map((page) => (
          <li key={page}>
            <button type="button" class="row way" onClick={() => go({ page })}>
              <Icon name={page} />
              <b>{w[page]}</b>
              <span class="end" aria-hidden="true">
                ›
              </span>
            </button>
          </li>
        ))}
      </ul>
      <h2>{w.language}</h2>
      <div class="packs" role="group" aria-label={w.language}>
        {LANGUAGES.map(([language, name]) => (
          <Act
            kind={spoken() === language ? 'pack chosen' : 'pack'}
            key={language}
            run={async () => {
              await post('/language', { language })
              speak(language)
            }}
          >
            <b lang={language}>{name}</b>
            {spoken() === language && <span aria-hidden="true">✓</span>}
          </Act>
        ))}
      </div>
      <InChat />
    </Page>
  )
}
