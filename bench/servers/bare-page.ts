import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'

// What a page and its event stream cost at least: a page with one script that asks for one answer and shows it, and a
// server that only keeps each stream.

const PAGE = `<!doctype html><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><body><script src="/app.js"></script>`
const SCRIPT = `fetch('/answer').then((reply) => reply.json()).then(({ text }) => {
  document.body.append(Object.assign(document.createElement('button'), { textContent: text }))
})`
const open = new Set<ServerResponse>()

const server = createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('event: open\ndata: \n\n')
    open.add(response)
    response.once('close', () => open.delete(response))
  } else if (request.url === '/answer') response.end('{"text":"Shop"}')
  else if (request.url === '/app.js') response.setHeader('content-type', 'text/javascript').end(SCRIPT)
  else response.setHeader('content-type', 'text/html').end(PAGE)
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as { port: number }
  console.log(`http://127.0.0.1:${port}`)
})
