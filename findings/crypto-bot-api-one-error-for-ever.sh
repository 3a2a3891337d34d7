#!/usr/bin/env bash
# crypto-bot-api 0.3.6, a client of Crypto Pay.
# A good guess: `getExchangeRates` keeps its answer for a minute and asks again after that, or at once with `isForce`, which
#   is documented to bring fresh data. A call that fails, by a broken connection or by an error of the API, fails alone.
# What happens: the promise of a call is put aside while it runs and is only removed when the call succeeds. After one
#   failure each later call gets that same old error without a request, with `isForce` too, until the process ends.
#   `getExchangeRate`, `getCurrency` and `getMe` go the same way, each list with its own promise; `getBalance` does not.
# Seen: the second request is answered with 429. A day later rates still fail by it: five more calls, one of them forced, made
#   no request, while the balance, asked at the same moments, came each time.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install crypto-bot-api@0.3.6
script <<'JS'
import assert from 'node:assert/strict'
import http from 'node:http'
import https from 'node:https'
import { mock } from 'node:test'
import CryptoBotAPI from 'crypto-bot-api'

// The client speaks TLS only; here its requests go to a plain server.
https.request = (url, ...rest) => http.request(String(url).replace('https:', 'http:'), ...rest)
const asked = { getExchangeRates: 0, getBalance: 0 }
const results = {
  getExchangeRates: [{ source: 'TON', target: 'USD', rate: '3.10', is_valid: true }],
  getBalance: [{ currency_code: 'TON', available: '5', onhold: '0' }],
}
let busy = false
const server = http.createServer((request, response) => {
  const method = request.url.slice(1)
  asked[method]++
  const answer = busy ? { ok: false, error: { code: 429, name: 'TOO_MANY_REQUESTS' } } : { ok: true, result: results[method] }
  response.end(JSON.stringify(answer))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = new CryptoBotAPI(`1:${'x'.repeat(35)}`, `http://127.0.0.1:${server.address().port}`)
const said = (call) => call.catch((error) => error.message)

mock.timers.enable({ apis: ['Date'], now: new Date('2026-11-30T10:00:00Z') })
const seen = [await said(client.getExchangeRate('TON', 'USD'))]
mock.timers.tick(120_000)
busy = true
seen.push(await said(client.getExchangeRate('TON', 'USD')))
busy = false
for (let hour = 0; hour < 24; hour += 6) {
  mock.timers.tick(6 * 3_600_000)
  seen.push(await said(client.getExchangeRate('TON', 'USD')), await said(client.getBalanceAvailable('TON')))
}
const forced = await said(client.getExchangeRate('TON', 'USD', true))
console.log({ seen, forced, asked })
const error = 'Api response error {"code":429,"name":"TOO_MANY_REQUESTS"}'
assert.deepEqual(seen, ['3.10', error, error, '5', error, '5', error, '5', error, '5'])
assert.equal(forced, error)
assert.deepEqual(asked, { getExchangeRates: 2, getBalance: 4 })
server.close()
JS
