import { Api, InputFile } from 'grammy'
import { expect, test } from 'vitest'
import { give } from '../lib/give.ts'
import { redisAvailable } from '../lib/requirements.ts'
import { eventually } from '../lib/eventually.ts'
import type { Bubble } from '../lib/phone.ts'
import { openShop } from '../lib/shop.ts'

test.skipIf(!redisAvailable())(
  'a press that orders a picture and loses the database half way is one press away from it when the database is back, and the picture is paid once',
  async () => {
    const shop = await openShop({ workers: ['bot'] })
    const buyer = await shop.person()
    await buyer.say('/generate a cat')
    await buyer.key('Draw')
    await give(shop.db, buyer.id, 50n, 'TOK')
    // These words begin the transaction that pays. The message has been edited already, so the person sees a
    // change.
    shop.proxy.cutOn('for no key update', 'before', { next: 'down' })
    expect(await buyer.press('Draw')).toMatchObject({ answered: true, show_alert: true })
    expect(shop.proxy.cuts()).toBe(1)
    await buyer.hears('Taking your order')
    shop.proxy.be('up')

    await buyer.press('To the picture')
    await buyer.press('Draw')
    const orders = await shop.db.rows<{ state: string }>({ text: `select state from orders`, values: [] })
    expect(orders).toEqual([{ state: 'reserved' }])
    expect(await buyer.press('To the picture')).toMatchObject({
      answered: true,
      text: expect.any(String) as string,
    })
  },
)

test.skipIf(!redisAvailable())(
  'the message of an ordered picture stays in the chat, although the end of the press that ordered it was lost',
  async () => {
    const shop = await openShop({ workers: ['bot'] })
    const buyer = await shop.person()
    await buyer.say('/menu')
    await buyer.key('Picture')
    await give(shop.db, buyer.id, 50n, 'TOK')
    /** Waits for the end of the update that showed the draft, too. */
    const drafted = async () => {
      await buyer.say('/generate a cat')
      const { message_id: draft } = await buyer.hears('a cat')
      await eventually(async () => {
        const anchors = await shop.db.rows({
          text: `select from bot_sessions where session_data ->> 'anchor' = $1`,
          values: [String(draft)],
        })
        return anchors.length === 1
      })
    }
    const pressed = async () => {
      await buyer.press('Draw')
      return await buyer.hears('Taking your order')
    }
    const stays = async (card: Bubble) => {
      await buyer.say('/menu')
      await buyer.say('/balance')
      await eventually(async () => {
        const all = await buyer.history()
        const asked = all.findLastIndex(({ text }) => text === '/balance')
        return asked >= 0 && all.slice(asked).some(({ from }) => from === 'bot')
      })
      const now = (await buyer.history()).find(({ message_id: id }) => id === card.message_id)
      expect(now).toMatchObject({ deleted: false })
    }
    await drafted()
    // These words end an update.
    shop.proxy.cutOn('insert into handled_updates', 'before')
    const lost = await pressed()
    expect(shop.proxy.cuts()).toBe(1)
    await stays(lost)

    // Another process handled the same press beside this one, and remembers the message as navigation's.
    await drafted()
    const whole = await pressed()
    await shop.db.rows({
      text: `update bot_sessions set session_data = session_data || jsonb_build_object('anchor', $1::bigint)`,
      values: [whole.message_id],
    })
    await buyer.press('To the picture')
    await stays(whole)
  },
)

test.skipIf(!redisAvailable())(
  'a press that comes too late, when its message is the picture already, leaves the picture in the chat',
  async () => {
    const shop = await openShop({ workers: ['bot'] })
    const buyer = await shop.person()
    await buyer.say('/generate a cat')
    const { message, key } = await buyer.key('Draw')
    await give(shop.db, buyer.id, 50n, 'TOK')
    await eventually(async () => {
      const anchors = await shop.db.rows({
        text: `select from bot_sessions where session_data ->> 'anchor' = $1`,
        values: [String(message.message_id)],
      })
      return anchors.length === 1
    })
    // Another process has handled the press, and the picture was drawn, while this one's call was held up on its way.
    const api = new Api(shop.config.bots[0]!.token, { apiRoot: shop.telegram.url })
    const photo = new InputFile('docs/sandbox.png')
    await api.editMessageMedia(buyer.id, message.message_id, { type: 'photo', media: photo })
    await buyer.tap(message.message_id, key.callback_data!)
    await buyer.hears('Taking your order')
    await buyer.say('/menu')
    await buyer.key('Picture')
    const now = (await buyer.history()).find(({ message_id: id }) => id === message.message_id)
    expect(now).toMatchObject({ deleted: false, photo: {} })
  },
)
