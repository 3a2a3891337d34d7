import { createHmac } from 'node:crypto'
import type { BotSettings } from '../config/bots.ts'

/** What Telegram sends as X-Telegram-Bot-Api-Secret-Token: the operator's word, or one derived from the bot's token. */
export function webhookSecret(bot: BotSettings, configured: string | undefined): string {
  return configured ?? createHmac('sha256', bot.token).update('telekassa webhook').digest('base64url')
}
