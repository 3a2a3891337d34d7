import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ValidateFunction } from 'ajv/dist/2020.js'

interface Response {
  content: Record<string, { schema: object }>
}
export interface Description {
  openapi: string
  paths: Record<string, Record<string, { operationId: string; responses: Record<string, Response> }>>
  components: { schemas: Record<string, object> }
}

/** Returns a check that compares an answer of the API with the description that the gateway itself serves. */
export async function answerChecker(url: string) {
  const description = (await (await fetch(`${url}/v1/openapi.json`)).json()) as Description
  const ajv = new Ajv2020({
    strict: true,
    allErrors: true,
    validateFormats: false,
    keywords: ['example', 'components'],
  })
  const { components } = description
  // A `$ref` begins at the root of the description, so each schema is compiled together with all components.
  const compile = (schema: object) => ajv.compile({ ...schema, components })
  const known = new Map<object, ValidateFunction>()
  const routes = Object.entries(description.paths).map(([path, methods]) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
    methods,
  }))

  function schemaFor({ content }: Response, type: string): ValidateFunction | undefined {
    const schema = content[type]?.schema
    if (!schema) return undefined
    const whole = '$ref' in schema ? description.components.schemas['Problem']! : schema
    if (!known.has(whole)) known.set(whole, compile(whole))
    return known.get(whole)
  }

  /**
   * @throws when the answer does not fit the description; a call of a path that the description does not have
   * is not judged
   */
  function check(method: string, path: string, status: number, type: string, body: unknown): void {
    const route = routes.find(({ pattern }) => pattern.test(path.split('?')[0]!))
    if (!route) return
    const response = route.methods[method.toLowerCase()]?.responses[status]
    if (!response)
      throw new Error(`${method} ${path} answered ${status}, which the description does not know`)
    const validate = schemaFor(response, type.split(';')[0]!)
    if (!validate) throw new Error(`${method} ${path} answered ${status} with ${type}`)
    if (!validate(body)) throw new Error(`${method} ${path} ${status}: ${ajv.errorsText(validate.errors)}`)
  }
  return { description, check, compile }
}
