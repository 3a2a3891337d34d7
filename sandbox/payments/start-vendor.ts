import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { createClock } from '@telekassa/telegram-sandbox/lib/clock'
import { listen, readBody, sendJson } from '@telekassa/telegram-sandbox/lib/http'
import { control } from './control.ts'
import { createDeliveries } from './deliveries.ts'
import { createFaults, type CallFault } from './faults.ts'
import { page } from './page.ts'
import type { ApiRequest, Surroundings, Vendor, VendorSettings } from './vendor.ts'

export interface StartOptions {
  port?: number
  host?: string
  /** The address at which a browser reaches this server, if it is not the server's own. */
  pageBase?: string
  /** The file that keeps invoices over a restart, for the sandbox. */
  file?: string
  settings?: Partial<VendorSettings>
}

export interface RequestRecord {
  at: number
  name: string
  status: number | 'dropped' | 'silent'
  body: string
  fault?: CallFault
}

const SETTINGS: VendorSettings = {
  webhookUrl: '',
  confirmMs: 0,
  retryBaseMs: 1000,
  retryMaxMs: 60_000,
  retryLimit: 0,
}

export type Running = Awaited<ReturnType<typeof startVendor>>

/** One vendor as a real HTTP server: its API under a fault script, the pay page, and `/control`. */
export async function startVendor(build: (around: Surroundings) => Vendor, options: StartOptions = {}) {
  const clock = createClock()
  const faults = createFaults()
  const requests: RequestRecord[] = []
  const settings: VendorSettings = { ...SETTINGS }
  const deliveries = createDeliveries(clock, faults, settings)
  let base = options.pageBase ?? ''
  const vendor = build({
    now: () => clock.now(),
    after: (ms, work) => clock.after(ms, work),
    settings,
    pageUrl: (path) => base + path,
    notify(event) {
      save()
      return deliveries.send(event)
    },
  })
  Object.assign(settings, options.settings)
  if (options.file && existsSync(options.file)) vendor.load(JSON.parse(readFileSync(options.file, 'utf8')))

  function save() {
    if (!options.file) return
    mkdirSync(dirname(options.file), { recursive: true })
    writeFileSync(`${options.file}.new`, JSON.stringify(vendor.save()))
    renameSync(`${options.file}.new`, options.file)
  }

  async function api(request: ApiRequest, response: ServerResponse) {
    const name = vendor.callName(request)
    if (name === undefined) return sendJson(response, 404, vendor.errorBody(404, 'Not Found'))
    const fault = faults.take('call', name) ?? {}
    const record: RequestRecord = { at: clock.now(), name, status: 0, body: request.body.toString('utf8') }
    if (Object.keys(fault).length > 0) record.fault = fault
    requests.push(record)
    if (requests.length > 10_000) requests.splice(0, 5000)

    const failsFirst = fault.status !== undefined && !fault.after
    const works = fault.drop !== 'before' && fault.retry_after === undefined && !failsFirst
    const reply = works ? vendor.call(name, request) : { status: 0, body: undefined }
    if (works) save()
    if (fault.pay_first && reply.made) await vendor.pay(reply.made, 'exact', {})
    if (fault.delay_ms) await new Promise((resolve) => setTimeout(resolve, fault.delay_ms))
    if (fault.silent) return void (record.status = 'silent')
    if (fault.drop) {
      record.status = 'dropped'
      return void response.destroy()
    }
    record.status = fault.retry_after === undefined ? (fault.status ?? reply.status) : 429
    if (fault.retry_after !== undefined) {
      const headers = { 'Retry-After': String(fault.retry_after) }
      return sendJson(response, 429, vendor.errorBody(429, 'Too Many Requests'), headers)
    }
    if (fault.status === undefined) return sendJson(response, reply.status, reply.body, reply.headers)
    if (fault.body === undefined)
      return sendJson(response, fault.status, vendor.errorBody(fault.status, 'Error'))
    response.writeHead(fault.status, { 'Content-Type': 'text/html' }).end(fault.body)
  }

  async function handle(message: IncomingMessage, response: ServerResponse) {
    const url = new URL(message.url ?? '/', 'http://vendor')
    const request: ApiRequest = {
      method: message.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: message.headers,
      body: await readBody(message),
    }
    if (url.pathname.startsWith('/control/')) {
      await control(request, response, { vendor, faults, requests, deliveries, clock, settings })
      return save()
    }
    if (url.pathname.startsWith('/pay/')) {
      await page(request, response, vendor, clock.now())
      return save()
    }
    return api(request, response)
  }

  const server = await listen(handle, options)
  base ||= server.url
  return {
    url: server.url,
    vendor,
    faults,
    requests,
    deliveries: deliveries.list,
    settings,
    clock,
    async close() {
      clock.stop()
      await deliveries.close()
      await server.close()
    },
  }
}
