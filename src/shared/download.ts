import dns from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import ipaddr from 'ipaddr.js'
import { Rejected, Transient } from './errors.ts'
import { calling } from './trace/trace.ts'

export interface DownloadLimits {
  maxBytes: number
  /** The time for the whole download, redirects included. */
  timeoutMs: number
  /** Allows http to this machine's loopback address, for the sandbox and for tests. Any other address needs https. */
  allowLoopback?: boolean
  signal?: AbortSignal
}

const MAX_REDIRECTS = 3
/** Azure serves its metadata on a public address. All other addresses of metadata are in ranges that ipaddr.js knows. */
const REFUSED_PUBLIC = ['168.63.129.16']

/**
 * Fetches a file from an address that a third party named. The name is resolved once, and the connection goes to
 * exactly the address that was checked; each redirect is checked anew.
 * @throws Rejected `download.address` (not https, private, link-local, metadata), `download.size`, `download.gone`
 * (any refusal by the server)
 * @throws Transient when the server or the network failed, or the time was up
 */
export async function download(address: string, limits: DownloadLimits): Promise<Buffer> {
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const signal = limits.signal ? AbortSignal.any([timeout, limits.signal]) : timeout
  let next = address
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const url = checkedUrl(next, limits)
    const answer = await calling(
      'download',
      () => ({ 'server.address': url.hostname }),
      () => get(url, limits, signal),
    )
    if (Buffer.isBuffer(answer)) return answer
    if (!URL.canParse(answer.location, url.href)) throw forbidden('a redirect to nowhere')
    next = new URL(answer.location, url.href).href
  }
  throw new Rejected('download.gone', 'the file is behind too many redirects')
}

function checkedUrl(address: string, { allowLoopback }: DownloadLimits): URL {
  if (!URL.canParse(address)) throw forbidden('not an address')
  const url = new URL(address)
  const loopback = allowLoopback === true && isLoopback(hostOf(url))
  if (!loopback && url.protocol !== 'https:') throw forbidden('not https')
  if (!loopback && url.port !== '') throw forbidden('an unusual port')
  if (loopback && url.protocol !== 'http:' && url.protocol !== 'https:') throw forbidden('not http')
  if (url.username !== '' || url.password !== '') throw forbidden('with a login in it')
  const host = hostOf(url)
  if (net.isIP(host) !== 0 && !isAllowed(host, allowLoopback)) throw forbidden(`${host} is not public`)
  return url
}

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '')
const forbidden = (why: string) => new Rejected('download.address', `this address is not fetched: ${why}`)

function isLoopback(host: string): boolean {
  return host === 'localhost' || (net.isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback')
}

/** Whether this is a public address. `ipaddr.process` also sees through ::ffff:10.0.0.1. */
export function isAllowed(ip: string, allowLoopback = false): boolean {
  const address = ipaddr.process(ip)
  if (REFUSED_PUBLIC.includes(address.toString())) return false
  const range = address.range()
  return range === 'unicast' || (allowLoopback && range === 'loopback')
}

/** The look-up that the socket itself uses: the socket connects to the address that was checked here. */
function checkedLookup(allowLoopback: boolean | undefined): net.LookupFunction {
  return (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0)
      const bad = addresses.find(({ address }) => !isAllowed(address, allowLoopback))
      const first = addresses[0]
      if (bad || !first) return callback(forbidden(`${hostname} is at ${bad?.address ?? 'nowhere'}`), '', 0)
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

function get(url: URL, limits: DownloadLimits, signal: AbortSignal): Promise<Buffer | { location: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      request.destroy()
      const known = error instanceof Rejected || error instanceof Transient
      reject(known ? error : new Transient(`the download from ${url.hostname} failed`, { cause: error }))
    }
    const options = { agent: false, signal, lookup: checkedLookup(limits.allowLoopback) }
    const request = (url.protocol === 'https:' ? https : http).get(url.href, options, (response) => {
      const status = response.statusCode ?? 0
      const { location } = response.headers
      if (status >= 300 && status < 400 && location !== undefined) {
        request.destroy()
        return resolve({ location })
      }
      if (status === 429 || status >= 500) return fail(new Transient(`the file's server answered ${status}`))
      if (status !== 200) return fail(new Rejected('download.gone', `the file's server answered ${status}`))
      const tooLarge = () => fail(new Rejected('download.size', `the file has over ${limits.maxBytes} bytes`))
      if (Number(response.headers['content-length'] ?? 0) > limits.maxBytes) return tooLarge()
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > limits.maxBytes) return tooLarge()
        chunks.push(chunk)
      })
      response.on('end', () => {
        if (response.complete) resolve(Buffer.concat(chunks))
      })
      response.on('error', fail)
      response.on('aborted', () => fail(new Error('the connection was closed half way')))
    })
    request.on('error', fail)
  })
}
