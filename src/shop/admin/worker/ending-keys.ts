import { sql as q } from 'kysely'
import type { Context } from '#shared/context.ts'
import { oweAdminAlert } from '#shared/notices.ts'
import { KEY_ENDS_DAYS } from '#shop/balance-api/keys.ts'

/** Tells the owners of a key's bot, once, that the key is about to end. Afterwards its callers are refused. */
export async function tellEndingKeys({ db }: Pick<Context, 'db'>): Promise<void> {
  // By hand: the table is that of the Balance API, which this room does not know.
  const keys = await db.rows(q<{ id: string; bot: string; home: string; until: Date }>`
    select k.id, k.bot, coalesce(b.home, b.name) as home, k.expires_at as until
    from api_keys k join bots b on b.name = k.bot
    where k.revoked_at is null and k.expires_at between now() and now() + ${KEY_ENDS_DAYS} * interval '1 day'`)
  for (const { id, bot, home, until } of keys)
    await db.tx((tx) =>
      oweAdminAlert(tx, [{ name: home }], {
        key: `key-ends-${id}`,
        text: 'alert-key-ends',
        params: { id, bot, until: until.toISOString().slice(0, 10) },
      }),
    )
}
