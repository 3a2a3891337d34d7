import { describe, expect, test } from 'vitest'
import { acts } from '#shop/acts.ts'
import { features } from '#shop/screens.ts'

const routes = new Set(
  features.flatMap(({ adminCommands, adminButtons, adminInputs }) =>
    [adminCommands, adminButtons, adminInputs].flatMap((table) => Object.keys(table ?? {})),
  ),
)

describe('F83 whose things an act of an admin is about', () => {
  test('every command, button and typed text of admins has a line in the table, and every line one of them', () => {
    expect(routes.size).toBeGreaterThan(120)
    expect(Object.keys(acts).toSorted()).toEqual([...routes].toSorted())
  })

  test('what asks for a role is among them', () => {
    const named = features.flatMap(({ minimumRole }) => Object.keys(minimumRole ?? {}))
    expect(named.filter((name) => !(name in acts))).toEqual([])
  })
})
