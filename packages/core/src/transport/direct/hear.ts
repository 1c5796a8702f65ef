import { begins, decodeGreeting, encodeAnswer, GREETING_BYTES } from './handshake.js'
import type { Hear } from './way.js'

/** Hears a greeting in the clear, and answers it. */
export const hear: Hear = (socket, { admit, accept, refuse }) => {
  let bytes = Buffer.alloc(0)
  const onData = (chunk: Buffer) => {
    const length = bytes.length + chunk.length
    if (length > GREETING_BYTES) {
      refuse('it said more than a greeting')
      return
    }
    bytes = Buffer.concat([bytes, chunk], length)
    if (!begins(bytes)) {
      refuse('it does not greet as sleuth does')
      return
    }
    if (length < GREETING_BYTES) return
    const greeting = decodeGreeting(bytes)
    const admission = greeting && admit(greeting)
    if (admission === undefined) {
      refuse('its token is not one that it was given')
      return
    }
    socket.write(encodeAnswer(admission.proof))
    accept(admission, socket)
  }
  socket.on('data', onData)
  return () => socket.off('data', onData)
}
