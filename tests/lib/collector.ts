import { atEnd } from './at-end.ts'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Value {
  stringValue?: string
  intValue?: number | string
  boolValue?: boolean
  doubleValue?: number
}
interface Attribute {
  key: string
  value: Value
}
interface WireSpan {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  kind: number
  attributes?: Attribute[]
  links?: { traceId: string; spanId: string }[]
  status?: { code?: number; message?: string }
}
interface ExportRequest {
  resourceSpans: {
    resource: { attributes: Attribute[] }
    scopeSpans: { spans: WireSpan[] }[]
  }[]
}

export interface CollectedSpan extends Omit<WireSpan, 'attributes'> {
  service: string
  attributes: Record<string, string | number | boolean>
}

/** An OTLP/HTTP collector that takes JSON and keeps all that it gets. It is closed when the test file ends. */
export async function startCollector() {
  const spans: CollectedSpan[] = []
  const bodies: string[] = []
  const refused: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const json = request.headers['content-type'] === 'application/json'
      if (request.method !== 'POST' || request.url !== '/v1/traces' || !json) {
        refused.push(`${request.method} ${request.url} ${request.headers['content-type']}`)
        return response.writeHead(404).end()
      }
      const body = Buffer.concat(chunks).toString('utf8')
      bodies.push(body)
      spans.push(...read(JSON.parse(body) as ExportRequest))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, spans, bodies, refused }
}

function read({ resourceSpans }: ExportRequest): CollectedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource.attributes)['service.name'])
    return scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({ ...span, service, attributes: plain(span.attributes ?? []) })),
    )
  })
}

function plain(attributes: Attribute[]): Record<string, string | number | boolean> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.boolValue ?? Number(value.intValue ?? value.doubleValue),
    ]),
  )
}
