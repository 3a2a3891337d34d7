// Made by npm run client:types from the description; do not edit.


export interface paths {
  "/v1/users/{telegramId}": {
    /**
     * The profile of a person with level, XP, badges and subscriptions; 404 = we do not know them
     * @description Scope: read
     */
    get: operations["getUser"];
    /**
     * Creates the person or brings their names up to date; what is left out stays as it is, and so do the names of whoever opened another bot on Telegram
     * @description Scope: write
     */
    put: operations["putUser"];
  };
  "/v1/users/{telegramId}/balance": {
    /**
     * Every asset of a person, the total in the display currency, and their deposit address
     * @description Scope: read
     */
    get: operations["getBalance"];
  };
  "/v1/users/{telegramId}/entries": {
    /**
     * What changed a balance in any bot, newest first. Reservations do not show
     * @description Scope: read
     */
    get: operations["getEntries"];
    /**
     * Changes a balance: above zero gives, below zero takes. Sending it again changes nothing
     * @description Scope: write
     */
    post: operations["postEntry"];
  };
  "/v1/users/{telegramId}/session": {
    /**
     * The calling bot's own session and statistics of a person; empty with version 0 before the first write
     * @description Scope: sessions
     */
    get: operations["getSession"];
    /**
     * Keeps the session and the statistics; what is left out stays. If-Match refuses to overwrite a newer version. Of a bot that the shop runs itself only the statistics can be written
     * @description Scope: sessions
     */
    put: operations["putSession"];
  };
  "/v1/users/{telegramId}/activities": {
    /**
     * What a person did in the calling bot, newest first; other bots' activities are theirs
     * @description Scope: read
     */
    get: operations["getActivities"];
    /**
     * Writes down what a person did (a training, a lesson) and gives XP for it, once per Idempotency-Key
     * @description Scope: write
     */
    post: operations["postActivity"];
  };
  "/v1/promocodes/{code}/redemptions": {
    /**
     * Uses a promo code for a person. With an Idempotency-Key sending it again gives the same answer
     * @description Scope: write
     */
    post: operations["redeemPromocode"];
  };
  "/v1/codes/check": {
    /**
     * Shows what a code of the shop is good for, and uses nothing
     * @description Scope: codes
     */
    post: operations["checkCode"];
  };
  "/v1/codes/redeem": {
    /**
     * Uses a code of the shop, once. Sending it again with the same Idempotency-Key gives the same answer
     * @description Scope: codes
     */
    post: operations["redeemCode"];
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    /** @description Any JSON */
    Json: string | number | boolean | null | components["schemas"]["Json"][] | {
      [key: string]: components["schemas"]["Json"];
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      detail: string;
      /** @description for programs; the words are for people */
      code: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export type $defs = Record<string, never>;

export type external = Record<string, never>;

export interface operations {

  /**
   * The profile of a person with level, XP, badges and subscriptions; 404 = we do not know them
   * @description Scope: read
   */
  getUser: {
    parameters: {
      path: {
        telegramId: string;
      };
    };
    responses: {
      /** @description The person */
      200: {
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            username: string | null;
            firstName: string;
            lastName: string | null;
            language: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
            xp: number;
            level: number;
            /** @description XP at which the next level begins */
            nextLevelAt: number;
            badges: {
                code: string;
                sign: string;
                name: {
                  ru: string;
                  en: string;
                };
                description: {
                  ru: string;
                  en: string;
                };
                /**
                 * Format: date-time
                 * @description UTC
                 */
                givenAt: string;
              }[];
            subscriptions: {
                type: string;
                state: string;
                renews: boolean;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                expiresAt: string;
              }[];
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Creates the person or brings their names up to date; what is left out stays as it is, and so do the names of whoever opened another bot on Telegram
   * @description Scope: write
   */
  putUser: {
    parameters: {
      path: {
        telegramId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          username?: string | null;
          firstName?: string;
          lastName?: string | null;
          language?: string | null;
        };
      };
    };
    responses: {
      /** @description The person as they are now */
      200: {
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            username: string | null;
            firstName: string;
            lastName: string | null;
            language: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
            xp: number;
            level: number;
            /** @description XP at which the next level begins */
            nextLevelAt: number;
            badges: {
                code: string;
                sign: string;
                name: {
                  ru: string;
                  en: string;
                };
                description: {
                  ru: string;
                  en: string;
                };
                /**
                 * Format: date-time
                 * @description UTC
                 */
                givenAt: string;
              }[];
            subscriptions: {
                type: string;
                state: string;
                renews: boolean;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                expiresAt: string;
              }[];
          };
        };
      };
      /** @description The person was created */
      201: {
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            username: string | null;
            firstName: string;
            lastName: string | null;
            language: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
            xp: number;
            level: number;
            /** @description XP at which the next level begins */
            nextLevelAt: number;
            badges: {
                code: string;
                sign: string;
                name: {
                  ru: string;
                  en: string;
                };
                description: {
                  ru: string;
                  en: string;
                };
                /**
                 * Format: date-time
                 * @description UTC
                 */
                givenAt: string;
              }[];
            subscriptions: {
                type: string;
                state: string;
                renews: boolean;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                expiresAt: string;
              }[];
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Every asset of a person, the total in the display currency, and their deposit address
   * @description Scope: read
   */
  getBalance: {
    parameters: {
      path: {
        telegramId: string;
      };
    };
    responses: {
      /** @description The balance */
      200: {
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            balances: ({
                /** @enum {string} */
                asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR";
                /** @description A decimal number as text */
                available: string;
                /** @description A decimal number as text */
                held: string;
              })[];
            /** @description available and held, at the rates of the settings */
            total: {
              /** @enum {string} */
              asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR";
              /** @description A decimal number as text */
              amount: string;
            };
            walletAddress: string | null;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * What changed a balance in any bot, newest first. Reservations do not show
   * @description Scope: read
   */
  getEntries: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
        asset?: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR";
      };
      path: {
        telegramId: string;
      };
    };
    responses: {
      /** @description A page; nextCursor is null on the last one */
      200: {
        content: {
          "application/json": {
            entries: ({
                id: string;
                kind: string;
                /** @enum {string} */
                asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR";
                /** @description A decimal number as text */
                amount: string;
                /** @description available and held after it */
                balanceAfter: string;
                description: string;
                bot: string | null;
                /**
                 * Format: date-time
                 * @description UTC
                 */
                createdAt: string;
              })[];
            nextCursor: string | null;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Changes a balance: above zero gives, below zero takes. Sending it again changes nothing
   * @description Scope: write
   */
  postEntry: {
    parameters: {
      header: {
        /** @description your own name for this request; never reuse it */
        "Idempotency-Key": string;
      };
      path: {
        telegramId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          /** @enum {string} */
          asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK";
          /** @description signed, not zero */
          amount: string;
          /** @default */
          description?: string;
        };
      };
    };
    responses: {
      /** @description The entry; the same for the same key and body */
      201: {
        content: {
          "application/json": {
            id: string;
            kind: string;
            /** @enum {string} */
            asset: "RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR";
            /** @description A decimal number as text */
            amount: string;
            /** @description available and held after it */
            balanceAfter: string;
            description: string;
            bot: string | null;
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The Idempotency-Key belongs to another request */
      409: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The available balance is too small */
      422: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * The calling bot's own session and statistics of a person; empty with version 0 before the first write
   * @description Scope: sessions
   */
  getSession: {
    parameters: {
      path: {
        telegramId: string;
      };
    };
    responses: {
      /** @description The session */
      200: {
        headers: {
          /** @description The version, for If-Match */
          etag?: string;
        };
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            bot: string;
            sessionData: {
              [key: string]: components["schemas"]["Json"];
            };
            statsData: {
              [key: string]: components["schemas"]["Json"];
            };
            version: number;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Keeps the session and the statistics; what is left out stays. If-Match refuses to overwrite a newer version. Of a bot that the shop runs itself only the statistics can be written
   * @description Scope: sessions
   */
  putSession: {
    parameters: {
      header?: {
        /** @description the etag of the session that you read */
        "If-Match"?: string;
      };
      path: {
        telegramId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          sessionData?: {
            [key: string]: components["schemas"]["Json"];
          };
          statsData?: {
            [key: string]: components["schemas"]["Json"];
          };
        };
      };
    };
    responses: {
      /** @description The session as it is now */
      200: {
        headers: {
          /** @description The version, for If-Match */
          etag?: string;
        };
        content: {
          "application/json": {
            /** @description Telegram id of a person */
            telegramId: string;
            bot: string;
            sessionData: {
              [key: string]: components["schemas"]["Json"];
            };
            statsData: {
              [key: string]: components["schemas"]["Json"];
            };
            version: number;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The shop runs this bot itself and keeps its session */
      409: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The version of If-Match is not the present one */
      412: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * What a person did in the calling bot, newest first; other bots' activities are theirs
   * @description Scope: read
   */
  getActivities: {
    parameters: {
      query?: {
        limit?: number;
        cursor?: string;
      };
      path: {
        telegramId: string;
      };
    };
    responses: {
      /** @description A page; nextCursor is null on the last one */
      200: {
        content: {
          "application/json": {
            activities: ({
                id: string;
                kind: string;
                score: number | null;
                xpGiven: number;
                data: {
                  [key: string]: components["schemas"]["Json"];
                };
                /**
                 * Format: date-time
                 * @description UTC
                 */
                createdAt: string;
              })[];
            nextCursor: string | null;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Writes down what a person did (a training, a lesson) and gives XP for it, once per Idempotency-Key
   * @description Scope: write
   */
  postActivity: {
    parameters: {
      header: {
        /** @description your own name for this request; never reuse it */
        "Idempotency-Key": string;
      };
      path: {
        telegramId: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          kind: string;
          score?: number;
          /** @description by the rule for the kind when left out; never more than the limit in the settings */
          xp?: number;
          data?: {
            [key: string]: components["schemas"]["Json"];
          };
        };
      };
    };
    responses: {
      /** @description What it brought */
      201: {
        content: {
          "application/json": {
            id: string;
            kind: string;
            xpGiven: number;
            /** @description the whole XP of the person now */
            xp: number;
            level: number;
            nextLevelAt: number;
            newBadges: {
                code: string;
                sign: string;
                name: {
                  ru: string;
                  en: string;
                };
                description: {
                  ru: string;
                  en: string;
                };
              }[];
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The Idempotency-Key belongs to another request */
      409: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Uses a promo code for a person. With an Idempotency-Key sending it again gives the same answer
   * @description Scope: write
   */
  redeemPromocode: {
    parameters: {
      header?: {
        /** @description your own name for this request; never reuse it */
        "Idempotency-Key"?: string;
      };
      path: {
        code: string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description Telegram id of a person */
          telegramId: string;
        };
      };
    };
    responses: {
      /** @description What the code gave, or what it will give with the next top-up or purchase */
      201: {
        content: {
          "application/json": {
            id: string;
            code: string;
            /** @description Telegram id of a person */
            telegramId: string;
            /** @enum {string} */
            type: "amount" | "tokens" | "percent" | "discount" | "days";
            /** @description A decimal number as text */
            value: string;
            asset: ("RUB" | "EUR" | "USD" | "USDT" | "TON" | "SOL" | "TOK" | "XTR") | null;
            product: string | null;
            plan: string | null;
            /** @enum {string} */
            state: "given" | "waiting" | "taken_back";
            /**
             * Format: date-time
             * @description UTC
             */
            createdAt: string;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such code or person */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The person has used it already, or the Idempotency-Key belongs to another request */
      409: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The code is not valid now or has no uses left */
      422: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Shows what a code of the shop is good for, and uses nothing
   * @description Scope: codes
   */
  checkCode: {
    requestBody: {
      content: {
        "application/json": {
          /** @description As the buyer typed it */
          code: string;
        };
      };
    };
    responses: {
      /** @description The code */
      200: {
        content: {
          "application/json": {
            /**
             * @description made: good for one use; withdrawn: the shop gave the money back or made another code instead
             * @enum {string}
             */
            state: "made" | "used" | "withdrawn";
            item: {
              id: string;
              name: {
                ru: string;
                en: string;
              };
            };
            order: string;
            /** @description Who bought it */
            telegramId: string;
            /**
             * Format: date-time
             * @description UTC
             */
            boughtAt: string;
            usedAt: string | null;
            /** @description The bot whose key used it */
            usedBy: string | null;
            /** @description The Idempotency-Key of the use */
            reference: string | null;
            usedFor: string | null;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such code, or none that was bought in a bot of the key's owner */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
  /**
   * Uses a code of the shop, once. Sending it again with the same Idempotency-Key gives the same answer
   * @description Scope: codes
   */
  redeemCode: {
    parameters: {
      header: {
        /** @description your own name for this request; never reuse it */
        "Idempotency-Key": string;
      };
    };
    requestBody: {
      content: {
        "application/json": {
          /** @description As the buyer typed it */
          code: string;
          /** @description Kept with the order, for its admins */
          usedFor?: string;
        };
      };
    };
    responses: {
      /** @description The code, used by this call or by an earlier one with the same key */
      200: {
        content: {
          "application/json": {
            /**
             * @description made: good for one use; withdrawn: the shop gave the money back or made another code instead
             * @enum {string}
             */
            state: "made" | "used" | "withdrawn";
            item: {
              id: string;
              name: {
                ru: string;
                en: string;
              };
            };
            order: string;
            /** @description Who bought it */
            telegramId: string;
            /**
             * Format: date-time
             * @description UTC
             */
            boughtAt: string;
            usedAt: string | null;
            /** @description The bot whose key used it */
            usedBy: string | null;
            /** @description The Idempotency-Key of the use */
            reference: string | null;
            usedFor: string | null;
          };
        };
      };
      /** @description The request is not valid */
      400: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key is missing or not valid */
      401: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The key may not do this */
      403: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description There is no such code, or none that was bought in a bot of the key's owner */
      404: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The code was used before, or the Idempotency-Key belongs to another code */
      409: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The request is too large */
      413: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description The code was withdrawn */
      422: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Too many requests */
      429: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Internal error */
      500: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
      /** @description Try again later */
      503: {
        content: {
          "application/problem+json": components["schemas"]["Problem"];
        };
      };
    };
  };
}
