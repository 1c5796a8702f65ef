import { connect } from 'node:tls'
import { dialling } from './dialling.js'
import { encodeIdentity } from './secure-handshake.js'
import { tlsOptions } from './tls-options.js'
import type { Dialled, DialOptions } from './way.js'

/** Connects to a peer by its offer, encrypted. Rejects if that fails, or if who answers has not the secret of both. */
export function secureDial({ host, localAddress, id, offer, signal }: DialOptions): Promise<Dialled> {
  const socket = connect({
    ...tlsOptions,
    host,
    port: offer.port,
    ...(localAddress && { localAddress }),
    pskCallback: () => ({ psk: offer.proof, identity: encodeIdentity({ id, token: offer.token }) }),
    // It is asked about certificates, and so where the secret was not used. No setting of the environment lets these pass.
    checkServerIdentity: () => new Error('what answers has not the secret of the offer'),
    rejectUnauthorized: true,
  })
  return dialling(socket, signal, (stand) => {
    const onSecure = () => stand(nothing)
    socket.on('secureConnect', onSecure)
    return () => socket.off('secureConnect', onSecure)
  })
}

const nothing = Buffer.alloc(0)
