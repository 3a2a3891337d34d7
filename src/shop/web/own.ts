import QRCode from 'qrcode'
import { z } from 'zod'
import { UserError } from '#shared/errors.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { chooseLanguage } from '#shared/people.ts'
import { applyPromo, offerPromo } from '#shop/loyalty/promo/offer.ts'
import { invitationsOf, inviteLink, shareLink } from '#shop/loyalty/referrals/terms.ts'
import { makeWalletOf, offeredWallets } from '#shop/payments/offered-wallets.ts'
import { walletsOf } from '#shop/payments/wallets.ts'
import { draft, webRoute } from './route.ts'
import type { WebAnswer } from './route.ts'
import type { Visitor } from './visitor.ts'
import { plain } from './views.ts'

/** Longer than any code, so that a text that is too long is answered like a wrong code. */
const code = z.string().max(200)

/** Tells what a code would do, before it is used. */
const promo = webRoute({
  method: 'POST',
  path: '/promo',
  input: z.object({ code }),
  async run(visitor, input) {
    const offer = await offerPromo(visitor, input.code)
    return { code: offer.code, effect: plain(offer.effect) }
  },
})

const usePromo = webRoute({
  method: 'POST',
  path: '/promo/use',
  input: z.object({ code, draft }),
  async run(visitor, input) {
    return { effect: plain(await applyPromo(visitor, { ...input, typed: true })) }
  },
})

const invitations = webRoute({
  method: 'GET',
  path: '/invitations',
  async run(visitor) {
    const { botUsername, personId } = visitor
    const link = botUsername === null ? null : inviteLink(botUsername, personId)
    return {
      ...(await invitationsOf(visitor)),
      link,
      share: link && shareLink(link),
      qr: link && (await qrOf(link)),
    }
  },
})

const addresses = webRoute({ method: 'GET', path: '/addresses', run: showAddresses })

/** Asking again for the same coin returns the same address. */
const makeAddress = webRoute({
  method: 'POST',
  path: '/addresses',
  input: z.object({ asset: z.string().max(20), network: z.string().max(40) }),
  async run(visitor, { asset, network }) {
    if (!(await makeWalletOf(visitor, asset, network))) throw new UserError('web.address')
    return await showAddresses(visitor)
  },
})

async function showAddresses(visitor: Visitor) {
  const { app, bot, personId } = visitor
  const [mine, offer] = await Promise.all([walletsOf(app.db, personId), offeredWallets(app, bot.name)])
  const isMine = (coin: { asset: string; network: string }) =>
    mine.some(({ asset, network }) => asset === coin.asset && network === coin.network)
  return {
    mine: await Promise.all(
      mine.map(async ({ asset, network, address, late }) => ({
        asset,
        network,
        address,
        late,
        qr: address === null ? null : await qrOf(address),
      })),
    ),
    offered: (offer?.coins ?? [])
      .filter((coin) => !isMine(coin))
      .map(({ asset, network }) => ({ asset, network })),
  }
}

/** The language is chosen per bot, here as in the chat. */
const language = webRoute({
  method: 'POST',
  path: '/language',
  input: z.object({ language: z.enum(LANGUAGES) }),
  async run({ app, bot, personId }, input) {
    await chooseLanguage(app.db, { bot: bot.name, personId, language: input.language })
    return input
  },
})

/** The picture as a data address for an `img`. */
const qrOf = async (text: string): Promise<string> =>
  `data:image/svg+xml;utf8,${encodeURIComponent(await QRCode.toString(text, { type: 'svg', margin: 2 }))}`

export const ownRoutes = [promo, usePromo, invitations, addresses, makeAddress, language]

export type PromoAnswer = WebAnswer<typeof promo>
export type PromoUsedAnswer = WebAnswer<typeof usePromo>
export type InvitationsAnswer = WebAnswer<typeof invitations>
export type AddressesAnswer = WebAnswer<typeof addresses>
