import { Bot, BotSession, Person } from './people.ts'
import { Order, Payment } from './trade.ts'
import { Setting } from './settings.ts'

export const entities = [Person, Bot, BotSession, Setting, Order, Payment]
