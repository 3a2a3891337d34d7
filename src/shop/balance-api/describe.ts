import { z } from 'zod'
import { TITLES } from './problem.ts'
import type { ApiRoute } from './route.ts'
import { problem } from './schemas.ts'

const EVERY_CALL = [400, 401, 403, 429, 500, 503]

/** Schemas that have a name and stand only once in the whole description. */
type Named = Record<string, unknown>

/**
 * The OpenAPI 3.1 description, which is made from the routes themselves.
 * @param server the address under which callers reach them
 */
export function describeApi(routes: readonly ApiRoute[], server: string): Record<string, unknown> {
  const named: Named = {}
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) (paths[route.path] ??= {})[route.method.toLowerCase()] = operation(route, named)
  named['Problem'] = schemaOf(problem, 'output', named)
  return {
    openapi: '3.1.0',
    info: {
      title: 'telekassa Balance API',
      version: '1.0.0',
      description:
        'One balance per person for bots of other projects. Amounts and ids are text, because JSON numbers are not exact.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: server }],
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'npm run api-key makes one' } },
      schemas: named,
    },
  }
}

function operation(route: ApiRoute, named: Named): Record<string, unknown> {
  const answers = Object.entries(route.answers).map(([status, { description, schema, headers }]) => [
    status,
    {
      description,
      ...(headers && {
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, words]) => [
            name,
            { description: words, schema: { type: 'string' } },
          ]),
        ),
      }),
      content: { 'application/json': { schema: schemaOf(schema, 'output', named) } },
    },
  ])
  const problems = {
    ...Object.fromEntries(
      [...EVERY_CALL, ...(route.body ? [413] : [])].map((status) => [status, TITLES[status]]),
    ),
    ...route.problems,
  }
  return {
    operationId: route.name,
    summary: route.summary,
    description: `Scope: ${route.scope}`,
    parameters: parameters(route, named),
    ...(route.body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(route.body, 'input', named) } },
      },
    }),
    responses: {
      ...Object.fromEntries(answers),
      ...Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [
          status,
          {
            description,
            content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
          },
        ]),
      ),
    },
  }
}

interface ObjectSchema {
  properties?: Record<string, unknown>
  required?: string[]
}

function parameters(route: ApiRoute, named: Named): Record<string, unknown>[] {
  const of = (schema: z.ZodType | undefined, place: 'path' | 'query') => {
    if (!schema) return []
    const { properties = {}, required = [] } = schemaOf(schema, 'input', named) as ObjectSchema
    return Object.entries(properties).map(([name, one]) => ({
      name,
      in: place,
      required: required.includes(name),
      schema: one,
    }))
  }
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  })
  return [
    ...of(route.params, 'path'),
    ...of(route.query, 'query'),
    ...(route.idempotency
      ? [
          header(
            'Idempotency-Key',
            route.idempotency === 'required',
            'your own name for this request; never reuse it',
          ),
        ]
      : []),
    ...(route.ifMatch ? [header('If-Match', false, 'the etag of the session that you read')] : []),
  ]
}

/**
 * Moves the schemas that zod defines beside a schema to the description's components, because a reference begins at
 * the description's root.
 */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', named: Named): Record<string, unknown> {
  const { $schema: _, ...whole } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  const text = JSON.stringify(whole).replaceAll('"#/$defs/', '"#/components/schemas/')
  const { $defs = {}, ...rest } = JSON.parse(text) as Record<string, unknown> & { $defs?: Named }
  Object.assign(named, $defs)
  return rest
}
