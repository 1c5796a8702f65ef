import { connect } from 'node:net'
import { decodeGreeting, greetingHead } from './greeting.js'

/** How far a connection gets: `no-zmtp`: something else is there; `silent`: it is accepted, and nothing is said. */
export type TcpResult =
  | { readonly type: 'greeted'; readonly mechanism: string }
  | { readonly type: 'no-zmtp' | 'silent' | 'timeout' }
  | { readonly type: 'failed'; readonly code: string }

/** Connects to a place, and reads what the other end says first. */
export function greet(
  { address, port }: { readonly address: string; readonly port: number },
  timeout: number,
): Promise<TcpResult> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    let isOpen = false
    const socket = connect({ host: address, port })
    const end = (result: TcpResult) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(() => end({ type: isOpen ? 'silent' : 'timeout' }), timeout)
    socket.on('connect', () => {
      isOpen = true
      socket.write(greetingHead)
    })
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk])
      const found = decodeGreeting(bytes)
      if (found === 'none') end({ type: 'no-zmtp' })
      else if (found !== 'more') end({ type: 'greeted', mechanism: found.mechanism })
    })
    socket.on('error', (error: NodeJS.ErrnoException) =>
      end({ type: 'failed', code: error.code ?? error.message }),
    )
    socket.on('close', () => end({ type: 'no-zmtp' }))
  })
}
