import type { Context } from '#shared/context.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { endingKeys } from '#shop/balance-api/keys.ts'

/** Tells the owners of a key's bot, once, that the key is about to end. Afterwards its callers are refused. */
export async function tellEndingKeys({ db }: Pick<Context, 'db'>): Promise<void> {
  for (const { id, bot, home, until } of await endingKeys(db))
    await db.tx((tx) =>
      oweAdminAlert(tx, [{ name: home }], {
        key: `key-ends-${id}`,
        text: 'alert-key-ends',
        params: { id, bot, until: until.toISOString().slice(0, 10) },
      }),
    )
}
