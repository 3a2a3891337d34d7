import { SentinelConnector } from 'ioredis'

/** What ioredis 6.0.0 keeps of its subscription to the Sentinels' news; `isDisconnected` = it has just heard of a new primary. */
interface Detector {
  isDisconnected: boolean
}

/**
 * Looks for the primary until it has one. In ioredis 6.0.0 the news of a new primary closes the connection to the old one,
 * and so it does while a client that has lost that connection already asks for the primary: then the client ends for good,
 * and a worker with it takes no job any more.
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
