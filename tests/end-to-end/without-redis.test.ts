import { describe, expect, test } from 'vitest'
import { openPhone } from '../lib/phone.ts'
import { repository } from '../lib/compose.ts'
import { pathWith, tempFolder } from '../lib/infra.ts'
import { reservePort } from '../lib/port.ts'
import { startNode } from '../lib/processes.ts'

describe('npm start on a machine without Redis', () => {
  test('keeps its jobs in PostgreSQL, says so, sells tokens and answers in order', async () => {
    const port = await reservePort()
    const here = { DATA_DIR: await tempFolder(), PORT: String(port), HOST: '', LOG_LEVEL: 'debug' }
    const env = { PATH: await pathWith({}), ...here }
    const none = { BOT_TOKEN: '', BOTS: '', DATABASE_URL: '', REDIS_URL: '', PUBLIC_URL: '' }
    const shop = startNode(`${repository}/bin/start.ts`, [], { env: { ...env, ...none }, cwd: repository })
    await shop.waitFor(/queue: BullMQ's PostgreSQL back end, one process only/)
    await shop.waitFor(/telekassa is ready/)

    const person = openPhone(`http://127.0.0.1:${port}/sandbox/api/telegram`, 'telekassa_bot', 1001)
    await person.start()
    await person.press('Buy tokens')
    await person.press('10 tokens')
    expect(await person.payWith('Pay 50')).toMatchObject({ outcome: 'paid' })
    await person.hears('10 tokens credited')
    expect(shop.lines.filter((line) => /stars\.paid.*"later"/.test(line))).toEqual([])

    for (const text of ['/help', '/nonsense', '/pricing']) await person.say(text)
    await person.hears('Token prices')
    const answers = (await person.messages()).filter((one) => one.from === 'bot').map((one) => one.text ?? '')
    const unknown = answers.findIndex((text) => text.includes("I don't know this command"))
    const prices = answers.findIndex((text) => text.includes('Token prices'))
    expect(unknown, answers.join('\n---\n')).toBeGreaterThan(-1)
    expect(unknown).toBeLessThan(prices)

    await shop.kill('SIGTERM')
    expect(await shop.ended).toBe(0)
  })
})
