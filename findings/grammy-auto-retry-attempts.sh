#!/usr/bin/env bash
# grammy 1.46.0, @grammyjs/auto-retry 2.0.2.
# A good guess: `maxRetryAttempts: 1` sends a call at most twice, and `maxDelaySeconds: 5` waits at most 5 s in between.
# What happens: both hold for answers of Telegram alone. A call whose connection breaks is sent again without end, after 3, 6,
#   12 s and so on up to an hour, whatever the two options say. Where the message went out and only its answer was lost,
#   people get it at each attempt. `rethrowHttpErrors: true` is what ends this.
#   After the last attempt that an answer 500 leaves, the call waits once more before it says so.
# Seen: eight messages with waits of 3 to 192 s; for 500 two and waits of 3 and 6 s; with rethrowHttpErrors one, an HttpError.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/auto-retry@2.0.2
script <<'JS'
import assert from 'node:assert/strict'
import { createServer } from 'node:http'

// A second is a millisecond for the plugin; the client's own limit of 500 s stays as it is.
const waits = []
const { setTimeout } = globalThis
globalThis.setTimeout = (run, ms, ...args) => {
  const shortened = ms >= 1000 && ms < 500_000
  if (shortened) waits.push(ms / 1000)
  return setTimeout(run, shortened ? ms / 1000 : ms, ...args)
}
const { Api } = await import('grammy')
const { autoRetry } = await import('@grammyjs/auto-retry')

/** What a chat gets of one message, where Telegram's answers are `answer` until the eighth time. */
async function sent(answer, options) {
  waits.length = 0
  let messages = 0
  const telegram = createServer((request, response) => {
    request.resume().on('end', () => {
      messages++
      if (messages < 8) return answer(response)
      response.end(JSON.stringify({ ok: true, result: { message_id: 1 } }))
    })
  })
  await new Promise((resolve) => telegram.listen(0, '127.0.0.1', resolve))
  const api = new Api('1:x', { apiRoot: `http://127.0.0.1:${telegram.address().port}` })
  api.config.use(autoRetry({ maxRetryAttempts: 1, maxDelaySeconds: 5, ...options }))
  const result = await api.sendMessage(7, 'Your code').then(() => 'sent', (error) => error.name)
  telegram.close()
  return { messages, result, waits: [...waits] }
}
const lost = (response) => response.destroy()
const refused = (response) => response.end(JSON.stringify({ ok: false, error_code: 500, description: 'Internal' }))
const seen = {
  lost: await sent(lost),
  refused: await sent(refused),
  rethrown: await sent(lost, { rethrowHttpErrors: true }),
}
console.log(seen)
assert.deepEqual(seen, {
  lost: { messages: 8, result: 'sent', waits: [3, 6, 12, 24, 48, 96, 192] },
  refused: { messages: 2, result: 'GrammyError', waits: [3, 6] },
  rethrown: { messages: 1, result: 'HttpError', waits: [] },
})
JS
