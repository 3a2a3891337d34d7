#!/usr/bin/env bash
# crypto-bot-api 0.3.6, a client of Crypto Pay.
# A good guess: a payload that was given as text comes back as that text. The client sends it as it is, the API keeps it as
#   text, and the type says that only what was not text is parsed as JSON again.
# What happens: all that can be read as JSON is. An order's id of digits is a number then, and a long one (a bigint, an id by
#   time) another number: the payment finds no order, or that of another person. "1e3" is 1000, "true" is true. Ids with
#   letters or leading zeros stay text, so tests with "order-7" see nothing.
# Seen: 1840000000000000123 and 1840000000000000023 both come back as 1840000000000000000, from `createInvoice` and
#   `getInvoices`, and so from the webhook.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install crypto-bot-api@0.3.6
script <<'JS'
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import CryptoBotAPI from 'crypto-bot-api'

// The client speaks TLS only; here its requests go to a plain server.
https.request = (url, ...rest) => http.request(String(url).replace('https:', 'http:'), ...rest)
const key = `1:${'x'.repeat(35)}`
const kept = []
const server = http.createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  if (pathname === '/createInvoice') kept.push({ invoice_id: kept.length + 1, ...Object.fromEntries(searchParams) })
  response.end(JSON.stringify({ ok: true, result: pathname === '/createInvoice' ? kept.at(-1) : { items: kept } }))
})
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const client = new CryptoBotAPI(key, `http://127.0.0.1:${server.address().port}`)

/** What the webhook of a paid invoice tells. */
async function paid(invoice) {
  const body = { update_type: 'invoice_paid', request_date: '2026-11-30T10:00:00Z', payload: invoice }
  const secret = createHash('sha256').update(key).digest()
  const signature = createHmac('sha256', secret).update(JSON.stringify(body)).digest('hex')
  const told = new Promise((resolve) => client.on('paid', resolve))
  client.middleware()({ body, headers: { 'crypto-pay-api-signature': signature } }, { end() {} })
  return (await told).payload
}
const sent = ['1840000000000000123', '1840000000000000023', '42', '1e3', 'true', '007', 'order-7']
const made = []
for (const payload of sent) made.push((await client.createInvoice({ asset: 'TON', amount: '1', payload })).payload)
const listed = (await client.getInvoices()).map(({ payload }) => payload)
const told = await paid(kept[0])
console.log({ kept: kept.map(({ payload }) => payload), made, told })
const back = [1840000000000000000, 1840000000000000000, 42, 1000, true, '007', 'order-7']
assert.deepEqual(kept.map(({ payload }) => payload), sent)
assert.deepEqual({ made, listed, told }, { made: back, listed: back, told: back[0] })
server.close()
JS
