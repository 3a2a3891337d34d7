import { z } from 'zod'

const decimal = z
  .union([z.string(), z.number().transform(String)])
  .pipe(z.string().regex(/^\d{1,20}(\.\d{1,20})?$/))
const money = z.object({ currency: z.string(), amount: decimal })

/**
 * The order object of both versions: the newer has `receiver`, `status`, `price` and `fee`,
 * the older `username`, `success` and `ton_price`. What is beside id and status may have any shape: a price that
 * cannot be read must not cost us the id of what was bought.
 */
export const orderSchema = z
  .object({
    id: z.union([z.string(), z.number()]).transform(String).nullish(),
    success: z.boolean().nullish(),
    status: z.string().nullish(),
    type: z.string().nullish().catch(null),
    receiver: z.string().nullish().catch(null),
    username: z.string().nullish().catch(null),
    goods_quantity: z.number().int().nullish().catch(null),
    price: money.nullish().catch(null),
    fee: money.nullish().catch({ currency: '', amount: '0' }),
    ton_price: decimal.nullish().catch(null),
    ref_id: z.union([z.string(), z.number()]).transform(String).nullish().catch(null),
    error: z.unknown().optional(),
  })
  .refine((order) => typeof order.status === 'string' || typeof order.success === 'boolean', {
    message: 'neither status nor success',
  })
export type RawOrder = z.output<typeof orderSchema>

/** Newer: `balances` per currency. Older: `balance` in TON with the wallet's `address`. */
export const walletSchema = z.union([
  z.object({ balances: z.array(money) }),
  z.object({ balance: decimal, address: z.string().nullish() }),
])

const priceLine = { price: decimal, currency: z.string() }
export const pricesSchema = z.object({
  stars: z.array(z.object({ quantity: z.number().int().positive(), ...priceLine })).nullish(),
  premium: z.array(z.object({ months: z.number().int().positive(), ...priceLine })).nullish(),
})

export const userSchema = z.object({
  username: z.string(),
  name: z.string().nullish(),
  photo: z.string().nullish(),
  has_premium: z.boolean().nullish(),
})

export const loginSchema = z.object({
  token: z.string().min(1),
  expires_in: z.number().positive().nullish(),
})

export const codedErrorsSchema = z.object({
  errors: z
    .array(z.object({ code: z.union([z.string(), z.number()]).transform(String), error: z.string() }))
    .min(1),
})
export const fieldErrorsSchema = z.record(z.string(), z.array(z.string()).min(1))
export const detailSchema = z.object({ detail: z.string() })
