// Made by packages/client/generate.ts from the description; do not edit.

export interface Operations {
  /** The profile of a person with level, XP, badges and subscriptions; 404 = we do not know them */
  getUser: {
    body: undefined
    query: undefined
    answer: {
      /** Telegram id of a person */
      telegramId: string
      username: string | null
      firstName: string
      lastName: string | null
      language: string | null
      /** UTC */
      createdAt: string
      xp: number
      level: number
      /** XP at which the next level begins */
      nextLevelAt: number
      badges: Array<{
        code: string
        sign: string
        name: {
          ru: string
          en: string
        }
        description: {
          ru: string
          en: string
        }
        /** UTC */
        givenAt: string
      }>
      subscriptions: Array<{
        type: string
        state: string
        renews: boolean
        /** UTC */
        expiresAt: string
      }>
    }
  }
  /** Creates the person or brings their names up to date; what is left out stays as it is */
  putUser: {
    body: {
      username?: string | null
      firstName?: string
      lastName?: string | null
      language?: string | null
    }
    query: undefined
    answer: {
      /** Telegram id of a person */
      telegramId: string
      username: string | null
      firstName: string
      lastName: string | null
      language: string | null
      /** UTC */
      createdAt: string
      xp: number
      level: number
      /** XP at which the next level begins */
      nextLevelAt: number
      badges: Array<{
        code: string
        sign: string
        name: {
          ru: string
          en: string
        }
        description: {
          ru: string
          en: string
        }
        /** UTC */
        givenAt: string
      }>
      subscriptions: Array<{
        type: string
        state: string
        renews: boolean
        /** UTC */
        expiresAt: string
      }>
    }
  }
  /** Every asset of a person, the total in the display currency, and their deposit address */
  getBalance: {
    body: undefined
    query: undefined
    answer: {
      /** Telegram id of a person */
      telegramId: string
      balances: Array<{
        asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR"
        /** A decimal number as text */
        available: string
        /** A decimal number as text */
        held: string
      }>
      /** available and held, at the rates of the settings */
      total: {
        asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR"
        /** A decimal number as text */
        amount: string
      }
      walletAddress: string | null
    }
  }
  /** Changes a balance: above zero gives, below zero takes. Sending it again changes nothing */
  postEntry: {
    body: {
      asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK"
      /** signed, not zero */
      amount: string
      description?: string
    }
    query: undefined
    answer: {
      id: string
      kind: string
      asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR"
      /** A decimal number as text */
      amount: string
      /** available and held after it */
      balanceAfter: string
      description: string
      bot: string | null
      /** UTC */
      createdAt: string
    }
  }
  /** What changed a balance in any bot, newest first. Reservations do not show */
  getEntries: {
    body: undefined
    query: {
      limit?: number
      cursor?: string
      asset?: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR"
    }
    answer: {
      entries: Array<{
        id: string
        kind: string
        asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR"
        /** A decimal number as text */
        amount: string
        /** available and held after it */
        balanceAfter: string
        description: string
        bot: string | null
        /** UTC */
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** The calling bot's own session and statistics of a person; empty with version 0 before the first write */
  getSession: {
    body: undefined
    query: undefined
    answer: {
      /** Telegram id of a person */
      telegramId: string
      bot: string
      sessionData: Record<string, unknown>
      statsData: Record<string, unknown>
      version: number
    }
  }
  /** Keeps the session and the statistics; what is left out stays. If-Match refuses to overwrite a newer version */
  putSession: {
    body: {
      sessionData?: Record<string, unknown>
      statsData?: Record<string, unknown>
    }
    query: undefined
    answer: {
      /** Telegram id of a person */
      telegramId: string
      bot: string
      sessionData: Record<string, unknown>
      statsData: Record<string, unknown>
      version: number
    }
  }
  /** Writes down what a person did (a training, a lesson) and gives XP for it, once per Idempotency-Key */
  postActivity: {
    body: {
      kind: string
      score?: number
      /** by the rule for the kind when left out; never more than the limit in the settings */
      xp?: number
      data?: Record<string, unknown>
    }
    query: undefined
    answer: {
      id: string
      kind: string
      xpGiven: number
      /** the whole XP of the person now */
      xp: number
      level: number
      nextLevelAt: number
      newBadges: Array<{
        code: string
        sign: string
        name: {
          ru: string
          en: string
        }
        description: {
          ru: string
          en: string
        }
      }>
      /** UTC */
      createdAt: string
    }
  }
  /** What a person did in the calling bot, newest first; other bots' activities are theirs */
  getActivities: {
    body: undefined
    query: {
      limit?: number
      cursor?: string
    }
    answer: {
      activities: Array<{
        id: string
        kind: string
        score: number | null
        xpGiven: number
        data: Record<string, unknown>
        /** UTC */
        createdAt: string
      }>
      nextCursor: string | null
    }
  }
  /** Uses a promo code for a person. With an Idempotency-Key sending it again gives the same answer */
  redeemPromocode: {
    body: {
      /** Telegram id of a person */
      telegramId: string
    }
    query: undefined
    answer: {
      id: string
      code: string
      /** Telegram id of a person */
      telegramId: string
      type: "amount" | "tokens" | "percent" | "discount" | "days"
      /** A decimal number as text */
      value: string
      asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR" | null
      product: string | null
      plan: string | null
      state: "given" | "waiting" | "taken_back"
      /** UTC */
      createdAt: string
    }
  }
}
