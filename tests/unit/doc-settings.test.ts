import { expect, test } from 'vitest'
import { queueSettings } from '#shared/queue/queues.ts'
import { readConfig } from '#shop/config.ts'
import { readRepositoryFile, SECRETS, settingNames } from '../lib/compose.ts'
import { sources } from '../lib/sources.ts'

const README = readRepositoryFile('README.md')
const [, section = ''] = /\n## Settings\n([\s\S]*?)\n## /.exec(README)!
/** The rows of the README's table: the names of settings, and what it says of them. */
const rows = [...section.matchAll(/^\| (?!name|-)([^|]+) \| (.+) \|$/gm)].map(
  ([, names = '', says = '']) => ({
    names: [...names.matchAll(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g)].map(String),
    says,
  }),
)
const told = new Set(rows.flatMap(({ names }) => names))

/** A name of before, which is read as the one that the README tells. */
function isFormer(name: string): boolean {
  const notes: string[] = []
  try {
    const environment = { ENCRYPTION_KEY: SECRETS.ENCRYPTION_KEY, BOT_TOKEN: `1:${'A'.repeat(35)}` }
    readConfig({ ...environment, [name]: 'x' }, (note) => notes.push(note))
  } catch {
    // The value is none; what counts is the note, which comes before.
  }
  return notes.some((note) => note.startsWith(`${name} is read as `))
}

/** `npm start` sets it for itself, where it has started the simulators. */
const OWN = ['SANDBOX_URL']

test('the README tells every setting that is read', () => {
  expect(told.size).toBeGreaterThan(80)
  const untold = [...settingNames()].filter(
    (name) => !told.has(name) && !name.endsWith('_FILE') && !OWN.includes(name) && !isFormer(name),
  )
  expect(untold).toEqual([])
})

test('the default that the README tells of a setting is the one that is read', () => {
  const READ =
    /read\.(?:text|integer|integers|money|decimal|share|premiumPrices)\(\s*'([A-Z_]+)',\s*('[^']*'|[\d_.]+)|read\.choice\(\s*'([A-Z_]+)',\s*\[[^\]]*\],\s*('[^']*')/g
  const defaults = sources('src/shared/config/*.ts', 'src/shop/*/config.ts').flatMap(({ text }) =>
    [...text.matchAll(READ)].map(([, name, value, choice, chosen]) => ({
      name: (name ?? choice)!,
      value: (value ?? chosen)!.replaceAll(/['_]/g, ''),
    })),
  )
  expect(defaults.length).toBeGreaterThan(20)
  const untold = defaults.filter(({ name, value }) => {
    const whole = new RegExp(`(?<![\\w.,])${value.replaceAll('.', '\\.')}(?![\\w]|[.,]\\d)`)
    return !rows.some(({ names, says }) => names.includes(name) && whole.test(says))
  })
  expect(untold).toEqual([])
})

test('the documents tell how long the jobs of a killed process wait', () => {
  const seconds = (queue: keyof typeof queueSettings) =>
    (queueSettings[queue].lockMs + queueSettings[queue].lookMs) / 1_000
  const told = (path: string) => readRepositoryFile(path).replaceAll(/\s+/g, ' ')
  const [chat, order, batch] = [seconds('updates'), seconds('billing'), seconds('upkeep')]
  expect(told('docs/architecture.md')).toContain(
    `${chat} s for a chat, ${order} s for orders, payments and notices, ${batch} s for mailings, exports and upkeep`,
  )
  expect(told('CHANGELOG.md')).toContain(
    `after ${chat} seconds in a chat and ${order} for a payment or an order`,
  )
})
