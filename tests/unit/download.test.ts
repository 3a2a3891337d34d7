import { expect, test } from 'vitest'
import { download, isAllowed } from '#shared/download.ts'
import { Rejected, Transient } from '#shared/errors.ts'
import { localServer } from '../lib/local-server.ts'

let requests = 0
const base = localServer((request, response) => {
  requests++
  const url = new URL(request.url ?? '/', 'http://x')
  if (url.pathname === '/to')
    return void response.writeHead(302, { location: url.searchParams.get('url') ?? '' }).end()
  if (url.pathname === '/loop') return void response.writeHead(302, { location: '/loop' }).end()
  if (url.pathname === '/slow') return void response.write('x')
  if (url.pathname === '/cut') return void response.write('x', () => response.destroy())
  if (url.pathname === '/declared') return void response.writeHead(200, { 'content-length': 5000 }).write('x')
  if (url.pathname === '/endless') {
    const push = () => {
      while (response.write(Buffer.alloc(64 * 1024)));
      response.once('drain', push)
    }
    return push()
  }
  const status = Number(/^\/status\/(\d+)/.exec(url.pathname)?.[1] ?? 200)
  response.writeHead(status).end('picture')
})

const get = (url: string, limits: { allowLoopback?: boolean; timeoutMs?: number; maxBytes?: number } = {}) =>
  download(url, { maxBytes: 1000, timeoutMs: 60_000, allowLoopback: true, ...limits }).catch(
    (error: unknown) => error,
  )
const redirectTo = (url: string) => get(`${base()}/to?url=${encodeURIComponent(url)}`)
const code = (error: unknown) => (error instanceof Rejected ? error.code : error)

test('a file is fetched, also behind a redirect', async () => {
  expect(String(await get(`${base()}/file`))).toBe('picture')
  expect(String(await redirectTo(`${base()}/file`))).toBe('picture')
})

test('F69: only https is fetched, and loopback only with the switch for it', async () => {
  const before = requests
  for (const url of [
    `${base()}/file`,
    'http://example.com/a.png',
    'ftp://example.com/a.png',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'nonsense',
    base().replace('http', 'https'),
    'https://example.com:8443/a.png',
    'https://user:password@example.com/a.png',
  ]) {
    expect(code(await get(url, { allowLoopback: false })), url).toBe('download.address')
  }
  expect(requests).toBe(before)
})

test('F69: private, link-local and metadata addresses are refused in every spelling', async () => {
  for (const host of [
    '10.0.0.1',
    '172.16.3.4',
    '192.168.1.1',
    '169.254.169.254',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    '224.0.0.1',
    '[::1]',
    '[::]',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[::ffff:169.254.169.254]',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:a9fe:a9fe::]',
  ]) {
    expect(code(await get(`https://${host}/latest/meta-data/`, { allowLoopback: false })), host).toBe(
      'download.address',
    )
  }
})

test('F69: a name is judged by what it resolves to', async () => {
  expect(code(await get('https://localhost/a.png', { allowLoopback: false }))).toBe('download.address')
})

test('F69: every redirect is checked anew', async () => {
  for (const url of [
    'https://169.254.169.254/',
    'http://10.0.0.1/',
    'file:///etc/passwd',
    'http://[fd00:ec2::254]/',
  ]) {
    expect(code(await redirectTo(url)), url).toBe('download.address')
  }
  expect(code(await get(`${base()}/loop`))).toBe('download.gone')
})

test('public addresses are let through, loopback only when it is allowed', () => {
  expect(isAllowed('93.184.216.34')).toBe(true)
  expect(isAllowed('2606:4700::6810:84e5')).toBe(true)
  expect(isAllowed('127.0.0.1')).toBe(false)
  expect(isAllowed('127.0.0.1', true)).toBe(true)
  expect(isAllowed('10.0.0.1', true)).toBe(false)
})

test('F59: a file over the limit is dropped while it comes, whatever its server declared', async () => {
  expect(code(await get(`${base()}/endless`))).toBe('download.size')
  expect(code(await get(`${base()}/declared`))).toBe('download.size')
})

test('F59: an expired file is refused for good, a failing server may be asked again', async () => {
  expect(code(await get(`${base()}/status/404`))).toBe('download.gone')
  expect(code(await get(`${base()}/status/403`))).toBe('download.gone')
  for (const path of ['/status/503', '/status/429', '/cut']) {
    expect(await get(`${base()}${path}`), path).toBeInstanceOf(Transient)
  }
})

test('F59: a server that never finishes is left when the time is up', async () => {
  expect(await get(`${base()}/slow`, { timeoutMs: 150 })).toBeInstanceOf(Transient)
})
