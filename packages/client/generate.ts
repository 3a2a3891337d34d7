import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiRoutes } from '../../src/shop/balance-api/door.ts'
import { describeApi } from '../../src/shop/balance-api/describe.ts'

// Writes description.d.ts from the API's description: npm run client:types

interface Schema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  required?: string[]
  description?: string
}
interface Operation {
  operationId: string
  summary: string
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
  responses: Record<string, { content: Record<string, { schema: Schema }> }>
}

/** The TypeScript type of a JSON schema, for the few forms that the description uses. */
function typeOf(schema: Schema, indent: string): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, indent)).join(' | ')
  if (Array.isArray(schema.type))
    return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(' | ')
  if (schema.type === 'array') return `Array<${typeOf(schema.items ?? {}, indent)}>`
  if (schema.type === 'object') return objectOf(schema, indent)
  const names: Record<string, string> = {
    string: 'string',
    integer: 'number',
    number: 'number',
    boolean: 'boolean',
    null: 'null',
  }
  return names[String(schema.type)] ?? 'unknown'
}

function objectOf({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  if (!properties) return additionalProperties ? 'Record<string, unknown>' : 'Record<string, never>'
  const inner = `${indent}  `
  const lines = Object.entries(properties).map(([name, schema]) => {
    const words = schema.description ? `${inner}/** ${schema.description} */\n` : ''
    return `${words}${inner}${name}${required.includes(name) ? '' : '?'}: ${typeOf(schema, inner)}\n`
  })
  return `{\n${lines.join('')}${indent}}`
}

export function clientTypes(): string {
  const { paths } = describeApi(apiRoutes) as { paths: Record<string, Record<string, Operation>> }
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
  const text = operations.map((operation) => {
    const body = operation.requestBody?.content['application/json']?.schema
    const answer = Object.entries(operation.responses).find(([status]) => status.startsWith('2'))?.[1]
    const query = operation.parameters.filter((one) => one.in === 'query')
    const queryType = query
      .map(({ name, schema }) => `      ${name}?: ${typeOf(schema, '      ')}\n`)
      .join('')
    return `  /** ${operation.summary} */
  ${operation.operationId}: {
    body: ${body ? typeOf(body, '    ') : 'undefined'}
    query: ${query.length > 0 ? `{\n${queryType}    }` : 'undefined'}
    answer: ${typeOf(answer!.content['application/json']!.schema, '    ')}
  }
`
  })
  return `// Made by packages/client/generate.ts from the description; do not edit.\n\nexport interface Operations {\n${text.join('')}}\n`
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'description.d.ts'), clientTypes())
