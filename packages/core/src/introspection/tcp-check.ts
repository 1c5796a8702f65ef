import { connect } from 'node:net'

/** What a TCP connection to an endpoint meets: a program, a refusal, no way there, or nothing. `untried`: it could not be made. */
export type TcpFinding = 'open' | 'refused' | 'unreachable' | 'silent' | 'untried'

const unreachable = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EPERM',
  'EACCES',
])

/** This process has no socket left, or the system no memory or port for one: that says nothing of the other end. */
const untried = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRINUSE'])

/** Makes a TCP connection to `tcp://ip:port`, and closes it. `time`: milliseconds that it may take. */
export function tcpCheck(endpoint: string, time: number): Promise<TcpFinding> {
  const { hostname, port } = new URL(endpoint)
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: time })
    const end = (finding: TcpFinding) => {
      socket.destroy()
      resolve(finding)
    }
    socket.once('connect', () => end('open'))
    socket.once('timeout', () => end('silent'))
    socket.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      if (code === 'ETIMEDOUT') end('silent')
      else if (untried.has(code)) end('untried')
      else end(unreachable.has(code) ? 'unreachable' : 'refused')
    })
  })
}
