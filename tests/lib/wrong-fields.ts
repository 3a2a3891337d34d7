import { z } from 'zod'
import type { UserError } from '#shared/errors.ts'
import { checked } from '#shop/web/answering.ts'

/** Values of every type that no field takes all of: also ten thousand rows, and a text longer than any field. */
const WRONG: readonly unknown[] = [
  7.5,
  {},
  Array.from({ length: 10_000 }, () => 'x'),
  null,
  'x'.repeat(60_000),
  true,
  [],
  { $ne: 1 },
  '',
]
/** One of them fits a field of any kind that a route has. */
const FITTING = ['x', '1', 'abcdefgh12', '0123456789abcdef', 'main', 1, true]

export interface WrongField {
  field: string
  value: unknown
  /** The whole request, which is right but for that field. */
  body: Record<string, unknown>
}

/** The fields of a route's requests. */
export const fieldsOf = (input: unknown): Record<string, z.ZodType> =>
  input instanceof z.ZodObject ? (input.shape as Record<string, z.ZodType>) : {}

const fits = (field: z.ZodType, value: unknown): boolean => field.safeParse(value).success

/** A value that is right for a field, also for one whose choices only its schema knows. */
function fitting(field: z.ZodType): unknown {
  if (field instanceof z.ZodEnum) return field.options[0]
  return FITTING.find((value) => fits(field, value))
}

/** Every field of a request with every value that its schema refuses, while the others are right. */
export function wrongFields(input: unknown): WrongField[] {
  const fields = Object.entries(fieldsOf(input))
  const right = Object.fromEntries(
    fields.filter(([, field]) => !fits(field, undefined)).map(([name, field]) => [name, fitting(field)]),
  )
  return fields.flatMap(([field, schema]) =>
    WRONG.filter((value) => !fits(schema, value)).map((value) => ({
      field,
      value,
      body: { ...right, [field]: value, nobody: 'asked', personId: 1 },
    })),
  )
}

/** The field that the gateway names for a body. */
export function fieldThatFails(input: z.ZodType, body: unknown): unknown {
  try {
    return checked(input, body)
  } catch (error) {
    return (error as UserError).params?.['field']
  }
}
