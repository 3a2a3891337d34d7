import { z } from 'zod'

/** The condition under which a badge is given. `manual` = only an admin gives it. Amounts are minor units as text. */
export const criteria = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('spent'), asset: z.string(), amount: z.string().regex(/^[1-9]\d{0,17}$/) }),
  z.object({ kind: z.literal('invited'), count: z.number().int().positive() }),
  z.object({ kind: z.literal('streak'), days: z.number().int().min(2).max(3_650) }),
  z.object({ kind: z.literal('activities'), activity: z.string(), count: z.number().int().positive() }),
  z.object({ kind: z.literal('manual') }),
])
export type Criteria = z.infer<typeof criteria>
