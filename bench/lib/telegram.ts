import { createServer } from 'node:http'
import type { Server } from 'node:http'

/** A Telegram that answers every call at once, and says when a chat gets a message and when a press is answered. */
export async function fakeTelegram(): Promise<{
  url: string
  server: Server
  reply(chat: number): Promise<void>
  answered(query: string): Promise<void>
}> {
  const waiting = new Map<string, () => void>()
  const heard = (what: string): void => {
    waiting.get(what)?.()
    waiting.delete(what)
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const method = request.url?.slice(request.url.lastIndexOf('/') + 1) ?? ''
      const result = RESULTS[method] ?? { message_id: 1, date: 0, chat: { id: 1, type: 'private' } }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, result }))
      if (method === 'sendMessage') heard(`chat ${/"chat_id":(\d+)/.exec(body)?.[1]}`)
      if (method === 'answerCallbackQuery') heard(`query ${/"callback_query_id":"(\w+)"/.exec(body)?.[1]}`)
    })
  })
  // As long as at Telegram, so that no client meets a connection that the server is just closing.
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const wait = (what: string) => new Promise<void>((resolve) => waiting.set(what, resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    reply: (chat) => wait(`chat ${chat}`),
    answered: (query) => wait(`query ${query}`),
  }
}

const RESULTS: Record<string, unknown> = {
  getMe: { id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' },
  createInvoiceLink: 'https://t.me/$bench',
  answerCallbackQuery: true,
  deleteMessage: true,
  setWebhook: true,
  getStarTransactions: { transactions: [] },
  getMyStarBalance: { amount: 0 },
}
