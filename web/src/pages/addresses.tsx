import type { AddressesAnswer } from '../../../src/shop/web/own.ts'
import { post } from '../api.ts'
import { useLive } from '../live.ts'
import { Act, Copy, Loaded, Page } from '../ui.tsx'
import { words } from '../words.ts'

/** The person's permanent addresses, one for each coin and network. */
export function Addresses({ back }: { back: boolean }) {
  const live = useLive<AddressesAnswer>('/addresses')
  const w = words()
  return (
    <Page title={w.addresses} back={back}>
      <p class="note">{w.addressesHint}</p>
      <Loaded live={live}>
        {({ mine, offered }) => (
          <>
            {mine.length + offered.length === 0 && <p class="note">{w.noAddresses}</p>}
            {mine.map(({ asset, network, address, late, qr }) => (
              <section class="card" key={`${asset} ${network}`} data-address={asset}>
                <h2>
                  {asset} · {network}
                </h2>
                {address === null ? (
                  <p role="status">{late ? w.addressLate : w.addressSoon}</p>
                ) : (
                  <>
                    <img class="qr" src={qr!} alt={`${w.qr}: ${asset} · ${network}`} />
                    <p class="code">{address}</p>
                    <Copy text={address}>{w.copyAddress}</Copy>
                    <p class="note">
                      {w.onlyCoin} {asset} {w.inNetwork} {network}. {w.wrongCoin}
                    </p>
                  </>
                )}
              </section>
            ))}
            {offered.length > 0 && (
              <>
                <h2>{w.makeAddress}</h2>
                <div class="packs">
                  {offered.map(({ asset, network }) => (
                    <Act
                      kind="pack"
                      key={`${asset} ${network}`}
                      run={async () => {
                        await post('/addresses', { asset, network })
                        live.reload()
                      }}
                    >
                      <b>{asset}</b>
                      <span>{network}</span>
                    </Act>
                  ))}
                </div>
              </>
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}
