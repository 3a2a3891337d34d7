import { run } from '@grammyjs/runner'
import { Bot } from 'grammy'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectRefusal, refusal, telegramFor, TOKEN, until, webhook } from './telegram-kit.ts'

describe('long polling', () => {
  test('updates come until they are confirmed by an offset', async () => {
    const { api, say } = await telegramFor()
    await say('/start x')
    await say('two')
    const [first, next] = await api.getUpdates()
    expect(first!.message).toMatchObject({
      text: '/start x',
      entities: [{ type: 'bot_command', offset: 0, length: 6 }],
    })
    expect(next!.update_id).toBe(first!.update_id + 1)
    expect(await api.getUpdates({ offset: next!.update_id })).toMatchObject([{ message: { text: 'two' } }])
    expect(await api.getUpdates({ offset: next!.update_id + 1 })).toEqual([])
  })

  test('what is a day old is gone, however the bot asks', async () => {
    const { api, say, control } = await telegramFor({ still: true })
    await say('old')
    await control('PUT', '/clock', { advance_ms: 24 * 60 * 60 * 1000 })
    await say('new')
    expect(await api.getUpdates({ offset: -100 })).toMatchObject([{ message: { text: 'new' } }])
  })

  test('a poll waits for something to happen', async () => {
    const { api, say } = await telegramFor()
    const waiting = api.getUpdates({ timeout: 30 })
    await say('now')
    expect(await waiting).toMatchObject([{ message: { text: 'now' } }])
  })

  test('a second poller ends the first with 409', async () => {
    const { api, say, control } = await telegramFor()
    const first = refusal(api.getUpdates({ timeout: 30 }))
    await until(async () => (await control<{ polling: boolean }[]>('GET', '/bots'))[0]!.polling)
    const next = api.getUpdates({ timeout: 30 })
    expect(await first).toMatchObject({
      code: 409,
      text: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running',
    })
    await say('x')
    expect(await next).toHaveLength(1)
  })

  test('getUpdates is 409 while a webhook is set, and setting one ends a poll', async () => {
    const { api, control } = await telegramFor()
    const { url } = await webhook(() => 200)
    const poll = refusal(api.getUpdates({ timeout: 30 }))
    await until(async () => (await control<{ polling: boolean }[]>('GET', '/bots'))[0]!.polling)
    await api.setWebhook(url)
    expect((await poll).text).toBe('Conflict: terminated by setWebhook request')
    await expectRefusal(
      api.getUpdates(),
      409,
      "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )
    await api.deleteWebhook()
    expect(await api.getUpdates()).toEqual([])
  })

  test('a repeated 409 comes late', async () => {
    const { api, control } = await telegramFor({ still: true })
    const { url } = await webhook(() => 200)
    await api.setWebhook(url)
    expect((await refusal(api.getUpdates())).code).toBe(409)
    let refused = false
    const again = refusal(api.getUpdates()).then(() => (refused = true))
    await control('PUT', '/clock', { advance_ms: 500 })
    expect(refused).toBe(false)
    await control('PUT', '/clock', { advance_ms: 2500 })
    await again
  })

  test('the same offset again within half a second gets one update', async () => {
    const { api, control, say } = await telegramFor({ still: true })
    for (const text of ['1', '2', '3']) await say(text)
    expect(await api.getUpdates()).toHaveLength(3)
    expect(await api.getUpdates()).toHaveLength(1)
    await control('PUT', '/clock', { advance_ms: 500 })
    expect(await api.getUpdates()).toHaveLength(3)
    expect(await api.getUpdates({ offset: -1 })).toMatchObject([{ message: { text: '3' } }])
  })

  test('the runner of grammY gets everything once', async () => {
    const kit = await telegramFor()
    const bot = new Bot(TOKEN, { client: { apiRoot: kit.url } })
    const seen: string[] = []
    bot.on('message:text', (context) => void seen.push(context.message.text))
    const runner = run(bot)
    onTestFinished(() => runner.stop())
    const sent = Array.from({ length: 150 }, (_, n) => `m${n}`)
    for (const text of sent) await kit.say(text)
    await until(() => seen.length >= sent.length)
    expect(seen).toEqual(sent)
  })

  test('allowed_updates keeps the others away, and drop_pending_updates forgets', async () => {
    const { api, say } = await telegramFor()
    await api.getUpdates({ allowed_updates: ['callback_query'] })
    await say('unwanted')
    expect(await api.getUpdates({ allowed_updates: [] })).toEqual([])
    await say('wanted')
    await api.deleteWebhook({ drop_pending_updates: true })
    expect(await api.getUpdates()).toEqual([])
  })
})
