import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import openapiTypes from 'openapi-typescript'
import type { OpenAPI3 } from 'openapi-typescript'
import { apiRoutes } from '../../src/shop/balance-api/door.ts'
import { describeApi } from '../../src/shop/balance-api/describe.ts'

/**
 * The types of the API's description, as openapi-typescript makes them: its version 6, because version 7 calls the API of
 * a TypeScript 5 and ours is 7.
 */
export function clientTypes(): Promise<string> {
  const description = describeApi(apiRoutes, 'https://shop.example.com') as unknown as OpenAPI3
  return openapiTypes(description, {
    defaultNonNullable: false,
    commentHeader: '// Made by npm run client:types from the description; do not edit.\n\n',
  })
}

if (import.meta.main) writeFileSync(join(import.meta.dirname, 'description.d.ts'), await clientTypes())
