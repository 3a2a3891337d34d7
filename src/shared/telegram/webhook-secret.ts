import type { BotSettings } from '../config/bots.ts'
import { createSecrets } from '../secrets.ts'

interface SecretSettings {
  encryptionKey: string
  encryptionOtherKey?: string | undefined
  telegram: { webhookSecret?: string | undefined; webhookOtherSecret?: string | undefined }
}

/** 43 characters of base64url are 256 bits; Telegram takes up to 256 characters of this alphabet. */
const LENGTH = 43

/**
 * What Telegram sends as X-Telegram-Bot-Api-Secret-Token, the one that it is told first: the operator's word, or one
 * made with ENCRYPTION_KEY. It must not follow from the bot's token alone: whoever has a token could then tell the
 * shop of payments that were never made. While a key or a word is being changed, the other one is taken too.
 */
export function webhookSecrets(
  { encryptionKey, encryptionOtherKey, telegram }: SecretSettings,
  bot: Pick<BotSettings, 'token'>,
): [string, ...string[]] {
  const made = (key: string) => createSecrets(key).sign('telegram webhook', bot.token, LENGTH)
  const others = [
    telegram.webhookOtherSecret,
    // If the operator has chosen a secret, none is made from the keys.
    telegram.webhookSecret || !encryptionOtherKey ? undefined : made(encryptionOtherKey),
  ]
  return [telegram.webhookSecret ?? made(encryptionKey), ...others.filter((one) => one !== undefined)]
}
