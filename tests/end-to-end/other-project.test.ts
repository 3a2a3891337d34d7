import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTelegram } from '@telekassa/telegram-sandbox'
import { apiRoutes } from '#shop/balance-api/door.ts'
import { openApiShop } from '../lib/api-shop.ts'
import type { ApiShop } from '../lib/api-shop.ts'
import { startNode, startProcess } from '../lib/processes.ts'
import { onPath, redisAvailable } from '../lib/requirements.ts'
import { visit } from '../lib/phone.ts'

const ROOT = join(import.meta.dirname, '../..')
const TOKEN = `300:${'C'.repeat(35)}`

/** The first block of a language in docs/balance-api.md, as a reader copies it. */
async function example(language: string): Promise<string> {
  const page = await readFile(join(ROOT, 'docs/balance-api.md'), 'utf8')
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)![1]!
}

describe.skipIf(!redisAvailable())('a bot in another project', () => {
  let shop: ApiShop
  let telegram: Awaited<ReturnType<typeof startTelegram>>
  let project: string
  beforeAll(async () => {
    shop = await openApiShop()
    telegram = await startTelegram({
      bots: [{ token: TOKEN, username: 'trainer_bot', name: 'Trainer' }],
      settings: { chatPerSecond: 0, globalPerSecond: 0 },
    })
    project = await mkdtemp(join(tmpdir(), 'telekassa-other-'))
    await mkdir(join(project, 'node_modules/@telekassa'), { recursive: true })
    await symlink(join(ROOT, 'packages/client'), join(project, 'node_modules/@telekassa/client'))
    await symlink(join(ROOT, 'node_modules/grammy'), join(project, 'node_modules/grammy'))
    await writeFile(join(project, 'package.json'), '{"type":"module"}')
  })
  afterAll(async () => {
    await telegram.close()
    await shop.close()
    await rm(project, { recursive: true, force: true })
  })

  test('the example of the docs runs as it stands: it reads a balance, takes tokens once per message and gives XP', async () => {
    const code = await example('ts')
    const lines = code.split('\n').filter((line) => line.trim() !== '')
    expect(lines.length).toBeLessThanOrEqual(30)
    // The only change to the example is that Telegram is the simulated one.
    const bot = code.replace(
      '(process.env.BOT_TOKEN!)',
      '(process.env.BOT_TOKEN!, { client: { apiRoot: process.env.ROOT! } })',
    )
    expect(bot).not.toBe(code)
    await writeFile(join(project, 'bot.ts'), bot)
    const { key, entry } = await shop.caller('trainer', ['read', 'write'])
    startNode(join(project, 'bot.ts'), [], {
      cwd: project,
      env: { SHOP_URL: shop.url, SHOP_KEY: key, BOT_TOKEN: TOKEN, ROOT: telegram.url },
    })
    const ada = await visit(telegram.url, 'trainer_bot', { id: 501, first_name: 'Ada', language_code: 'en' })
    await ada.hears(/You have 0 tokens\. \/train costs 10\./)
    await ada.say('/train')
    await ada.hears(/Not enough tokens/)
    await entry('501', 'TOK', '15', 'a gift')
    await ada.say('/train')
    await ada.hears(/Done: \+20 XP, level 1/)
    await ada.say('/start')
    await ada.hears(/You have 5 tokens/)
  })

  test('the curl lines of the docs are calls that there are, and do what they say', async () => {
    const script = await example('sh')
    const called = [
      ...script.replaceAll('\\\n', ' ').matchAll(/^api (?:-X (\w+))?\s*"\$SHOP_URL([^"]+)"/gm),
    ].map(([, method = 'GET', path = '']) => `${method} ${path.replace(/(?<=users\/)\d+/, '{telegramId}')}`)
    const known = apiRoutes.map(({ method, path }) => `${method} ${path}`)
    expect(called).toHaveLength(4)
    expect(called.filter((call) => !known.includes(call))).toEqual([])
    if (!onPath('curl') || !onPath('sh')) return
    const { key, entry } = await shop.caller('curler', ['read', 'write', 'codes'])
    await (await shop.caller('giver')).call('PUT', '/v1/users/123456789', {})
    await entry('123456789', 'TOK', '25', 'a gift')
    const run = async () => {
      const shell = startProcess(['sh', '-c', `${script.replaceAll(/^api\b(?! *\()/gm, 'echo; api')}`], {
        env: { SHOP_URL: shop.url, SHOP_KEY: key },
      })
      expect(await shell.ended).toBe(0)
      return shell.lines
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    }
    const [person, balance, taken] = await run()
    expect(person).toMatchObject({ telegramId: '123456789', firstName: 'Ada' })
    expect(balance).toMatchObject({ balances: [{ asset: 'TOK', available: '25', held: '0' }] })
    expect(taken).toMatchObject({ amount: '-10', balanceAfter: '15', description: 'A training' })
    const [, , again, code] = await run()
    expect(again).toEqual(taken)
    expect(code).toMatchObject({ status: 404 })
  })
})
