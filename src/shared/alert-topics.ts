/** The topics of a group into which alerts are sorted; the name of each is the text `alerts-topic-<name>`. */
export const ALERT_TOPICS = ['payments', 'orders', 'requests', 'support', 'operations'] as const
export type AlertTopic = (typeof ALERT_TOPICS)[number]

const BEGINNINGS: [RegExp, AlertTopic][] = [
  [/^alert-(request|decision|adjustment)/, 'requests'],
  [/^(alert-(payment|payback|refund|stars)|refund-)/, 'payments'],
  [/^(alert-shelf-service|fragment-alert-(review|twice|late|contradicted))/, 'orders'],
]

/** @param text the name of the alert's text */
export const topicOfAlert = (text: string): AlertTopic =>
  BEGINNINGS.find(([beginning]) => beginning.test(text))?.[1] ?? 'operations'
