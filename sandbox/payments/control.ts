import type { ServerResponse } from 'node:http'
import type { Clock } from '@telekassa/telegram-sandbox/lib/clock'
import { sendJson } from '@telekassa/telegram-sandbox/lib/http'
import type { Delivery } from './deliveries.ts'
import type { Faults, Rule } from './faults.ts'
import type { RequestRecord } from './start-vendor.ts'
import { type ApiRequest, type Fields, type Vendor, type VendorSettings, WAYS, type Way } from './vendor.ts'

interface Controlled {
  vendor: Vendor
  faults: Faults
  requests: RequestRecord[]
  deliveries: { list: Delivery[] }
  clock: Clock
  settings: VendorSettings
}

/** The control API of README.md: JSON in and out; errors are 400 and 404 with `{"error"}`. */
export async function control(request: ApiRequest, response: ServerResponse, around: Controlled) {
  const { vendor, faults, clock, settings } = around
  const [what = '', id = '', more] = request.path.slice('/control/'.length).split('/').map(decodeURIComponent)
  const input = request.body.length > 0 ? (JSON.parse(request.body.toString('utf8')) as object) : {}
  const fields = input as Fields
  const answer = (status: number, body: unknown) =>
    sendJson(response, status, body, { 'Access-Control-Allow-Origin': '*' })

  switch (`${request.method} ${what}`) {
    case 'GET invoices': {
      if (!id) return answer(200, vendor.invoices())
      const found = vendor.invoices().find((one) => one.id === id || one.reference === id)
      return found ? answer(200, found) : answer(404, { error: 'no such invoice' })
    }
    case 'POST invoices': {
      const way = fields['way'] as Way
      const found = vendor.invoices().find((one) => one.id === id || one.reference === id)
      if (!found) return answer(404, { error: 'no such invoice' })
      if (more !== 'payments' || !WAYS.includes(way))
        return answer(400, { error: `way: one of ${WAYS.join()}` })
      await vendor.pay(found.id, way, fields)
      return answer(
        200,
        vendor.invoices().find((one) => one.id === found.id),
      )
    }
    case 'POST do': {
      const action = vendor.actions[id]
      if (!action) return answer(404, { error: `actions: ${Object.keys(vendor.actions).join()}` })
      return answer(200, (await action(fields)) ?? {})
    }
    case 'GET requests':
      return answer(200, around.requests)
    case 'GET deliveries':
      return answer(200, around.deliveries.list)
    case 'GET faults':
      return answer(200, faults.rules())
    case 'PUT faults':
      faults.replace(input as Rule[])
      return answer(200, faults.rules())
    case 'POST faults':
      return answer(201, { id: faults.add(input as Rule) })
    case 'DELETE faults':
      return faults.remove(Number(id)) ? answer(200, {}) : answer(404, { error: 'no such rule' })
    case 'GET settings':
      return answer(200, settings)
    case 'PUT settings':
      return answer(200, Object.assign(settings, input))
    case 'PUT clock':
      clock.advance(Number(fields['advance_ms'] ?? 0))
      return answer(200, { now: clock.now() })
    default:
      return answer(404, { error: 'no such control; see README.md' })
  }
}
