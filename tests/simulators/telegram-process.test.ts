import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'

test('as a process of its own it prints its url and ends cleanly while pollers and watchers hang on', async () => {
  const child = spawn(process.execPath, ['node_modules/.bin/telegram-sandbox'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const bot = { token: '100:AAshop', username: 'shop_bot', name: 'Shop' }
  const made = await fetch(`${url}/control/bots`, { method: 'POST', body: JSON.stringify(bot) })
  expect(made.status).toBe(201)
  const watching = await fetch(`${url}/control/events`)
  const polling = fetch(`${url}/bot100:AAshop/getUpdates?timeout=50`).catch(() => 'closed')
  await fetch(`${url}/bot100:AAshop/getMe`)
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
  expect(await polling).toBe('closed')
  await watching.text().catch(() => {})
})
