import { SentinelConnector } from 'ioredis'

/**
 * The part of ioredis 6.0.0 that subscribes to the Sentinels' messages; `isDisconnected` = a message has just named a
 * new primary.
 */
interface Detector {
  isDisconnected: boolean
}

/**
 * Looks for the primary until there is one. When ioredis 6.0.0 hears of a new primary, it closes the connection to the
 * old one, even if the client has lost that connection already and is asking for the primary. Then the client ends for
 * good, and its worker takes no job any more.
 */
export class PatientConnector extends SentinelConnector {
  override disconnect(): void {
    const { connecting } = this
    const news = (this['failoverDetector'] as Detector | null)?.isDisconnected === true
    super.disconnect()
    this['failoverDetector'] = null
    // ioredis goes on with the Sentinels' answer only while this flag is set.
    if (news) this.connecting = connecting
  }
}
