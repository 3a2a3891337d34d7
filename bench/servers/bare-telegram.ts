// The least that can stand in for sendMessage: a fastify route that parses the call and answers with a message.
import Fastify from 'fastify'

const app = Fastify()
let lastId = 0
app.post<{ Body: { chat_id: number; text: string } }>('/:token/sendMessage', (request) => {
  const { chat_id: id, text } = request.body
  const chat = { id, type: 'private', first_name: 'Somebody' }
  return { ok: true, result: { message_id: ++lastId, date: Math.floor(Date.now() / 1000), chat, text } }
})
console.log(await app.listen({ port: 0, host: '127.0.0.1' }))
