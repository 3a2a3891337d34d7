import { createServer } from 'node:http'
import type { Server } from 'node:http'

/** Answers every call at once and tells when a chat gets a message. */
export async function fakeTelegram(): Promise<{
  url: string
  server: Server
  reply(chat: number): Promise<void>
}> {
  const waiting = new Map<number, () => void>()
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts).toString()
      const me = { id: 123456, is_bot: true, first_name: 'Bench', username: 'bench_bot' }
      const result = request.url?.endsWith('/getMe')
        ? me
        : { message_id: 1, date: 0, chat: { id: 1, type: 'private' } }
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ ok: true, result }))
      const chat = /"chat_id":(\d+)/.exec(body)?.[1]
      if (chat && request.url?.endsWith('/sendMessage')) waiting.get(Number(chat))?.()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    server,
    reply: (chat) => new Promise((resolve) => waiting.set(chat, resolve)),
  }
}
