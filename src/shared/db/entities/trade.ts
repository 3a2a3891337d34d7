/** Where these types were declared before each table had its place. */
export type { Card, Order, OrderState, Payment, PaymentState } from '#shared/money/tables.ts'
