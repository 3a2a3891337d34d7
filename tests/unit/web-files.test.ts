import fastify from 'fastify'
import { expect, test } from 'vitest'
import { sendFile } from '#shop/web/answering.ts'
import { WebFile } from '#shop/web/route.ts'
import { atEnd } from '../lib/at-end.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000000d', 'hex')

async function served(bytes: WebFile['bytes']): Promise<Response> {
  const app = fastify()
  app.get('/', (_request, reply) => sendFile(reply, new WebFile(bytes)))
  atEnd(() => app.close())
  return await fetch(await app.listen({ host: '127.0.0.1', port: 0 }))
}

test('F72 a picture is handed on as it comes, also when its first bytes come one by one, and lies nowhere as a whole', async () => {
  const isThere = Promise.withResolvers<void>()
  async function* slowly() {
    for (const byte of PNG) yield Uint8Array.of(byte)
    yield Buffer.alloc(100_000, 1)
    await isThere.promise
    yield Buffer.from('the end')
  }
  const answer = await served(slowly())
  expect([answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
    'image/png',
    'inline',
  ])
  const reader = answer.body!.getReader()
  const first = await reader.read()
  expect(Buffer.from(first.value!).subarray(0, PNG.length)).toEqual(PNG)
  // Only now the rest comes to the shop.
  isThere.resolve()
  const rest: Uint8Array[] = []
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest.push(part.value)
  expect(Buffer.concat(rest).subarray(-7).toString()).toBe('the end')
})

test('F72 what is no picture is saved and not shown, nothing is sent of nothing, and what is too large is cut off', async () => {
  const page = await served([Buffer.from('<script>alert(1)</script>')])
  expect([page.headers.get('content-type'), page.headers.get('content-disposition')]).toEqual([
    'application/octet-stream',
    'attachment',
  ])
  expect(await page.text()).toBe('<script>alert(1)</script>')
  expect(await (await served([])).text()).toBe('')
  const large = Array.from({ length: 21 }, () => Buffer.concat([PNG, Buffer.alloc(1024 * 1024)]))
  await expect(served(large).then((one) => one.arrayBuffer())).rejects.toThrow()
})
