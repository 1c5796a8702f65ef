import type { Socket } from 'node:net'
import { HANDSHAKE_MS } from './listener.js'
import type { Dialled } from './way.js'

/** `first`: what came behind the handshake. */
type Stand = (first: Buffer) => void
type Fail = (error: Error) => void

/**
 * Resolves when a handshake says that the connection stands. Rejects, and closes it, when it fails, takes too long, or nobody
 * wants the connection any more. `shake` returns what ends the handshake.
 */
export function dialling(
  socket: Socket,
  signal: AbortSignal,
  shake: (stand: Stand, fail: Fail) => () => void,
): Promise<Dialled> {
  return new Promise((resolve, reject) => {
    socket.unref()
    // A socket of TLS does not close by itself when what comes by it was changed on the way.
    socket.on('error', () => socket.destroy())
    const leave = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('close', onClose)
      socket.off('error', fail)
      end()
    }
    const fail = (error: Error) => {
      leave()
      socket.destroy()
      reject(error)
    }
    const stand = (first: Buffer) => {
      leave()
      socket.pause()
      resolve({ socket, first })
    }
    const onAbort = () => fail(new Error('the connection is not wanted any more'))
    const onClose = () => fail(new Error('the peer closed the connection before it answered'))
    const timer = setTimeout(() => fail(new Error('the peer did not answer in time')), HANDSHAKE_MS).unref()
    signal.addEventListener('abort', onAbort)
    socket.on('close', onClose)
    socket.on('error', fail)
    const end = shake(stand, fail)
  })
}
