import { createServer } from 'node:tls'
import { decodeIdentity } from './secure-handshake.js'
import { tlsOptions } from './tls-options.js'
import type { Admission, Hear } from './way.js'

/** Hears a handshake of TLS. Whoever finishes it has the secret of an offer. */
export const secureHear: Hear = (socket, { admit, accept, refuse }) => {
  let admission: Admission | undefined
  // It listens nowhere. Each connection has one of its own, and so no session of one can be resumed by another.
  const server = createServer({
    ...tlsOptions,
    // Who has only seen the identity gets no further: this uses nothing up.
    pskCallback: (_socket, identity) => {
      const greeting = decodeIdentity(identity)
      admission = greeting && admit(greeting)
      return admission?.proof ?? null
    },
  })
  server.on('secureConnection', (secure) => {
    // It does not close by itself when what comes by it was changed on the way.
    secure.on('error', () => secure.destroy())
    if (admission === undefined) refuse('it shows no secret of an offer')
    else accept(admission, secure)
  })
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    // Its socket tells that it has closed.
    if (error.code !== 'ECONNRESET') refuse(`its TLS handshake failed: ${error.code ?? error.message}`)
  })
  server.emit('connection', socket)
  return () => server.removeAllListeners()
}
