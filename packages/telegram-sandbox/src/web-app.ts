import { createHmac, randomBytes } from './lib/crypto.ts'
import type { Obj } from './params.ts'
import type { Bot, Person, World } from './store.ts'

const LIGHT = {
  bg_color: '#ffffff',
  secondary_bg_color: '#efeff4',
  text_color: '#000000',
  button_color: '#2481cc',
  button_text_color: '#ffffff',
}

/** The most Mini Apps that were opened and have not answered; beyond them the oldest is forgotten. */
const MOST_QUERIES = 10_000

/** Appends to an address what Telegram's clients append: the person, signed with the bot's token, and the colours. */
export function signedAddress(
  world: Pick<World, 'clock'> & Partial<Pick<World, 'webAppQueries'>>,
  bot: Pick<Bot, 'token'>,
  person: Person,
  url: string,
  theme: Obj = LIGHT,
  isSigned = true,
): string {
  const { id, first_name, last_name, username, language_code, is_premium } = person
  const query = randomBytes(12).toString('base64url')
  if ((world.webAppQueries?.size ?? 0) >= MOST_QUERIES)
    world.webAppQueries!.delete(world.webAppQueries!.keys().next().value!)
  world.webAppQueries?.set(`${Number(bot.token.split(':')[0])}:${query}`, person.id)
  const user = { id, first_name, last_name, username, language_code, is_premium, allows_write_to_pm: true }
  const fields: Record<string, string> = {
    query_id: query,
    user: JSON.stringify(user),
    auth_date: String(Math.floor(world.clock.now() / 1000)),
    signature: randomBytes(64).toString('base64url'),
  }
  const signed = Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join('\n')
  const key = createHmac('sha256', 'WebAppData').update(bot.token).digest()
  const hash = createHmac('sha256', key).update(signed).digest('hex')
  const launch = new URLSearchParams({
    tgWebAppData: new URLSearchParams(isSigned ? { ...fields, hash } : fields).toString(),
    tgWebAppVersion: '9.2',
    tgWebAppPlatform: 'web',
    tgWebAppThemeParams: JSON.stringify(theme),
  })
  return `${url}#${launch.toString()}`
}
