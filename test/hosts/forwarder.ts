/** Forwards TCP connections, as a load balancer or a published port does. Arguments: port, host and port of the target. */
import { connect, createServer } from 'node:net'
import { obey, write } from './program.js'

const [port, host, target] = process.argv.slice(2)
let to = host

const server = createServer((from) => {
  const there = connect(Number(target), to)
  from.pipe(there).pipe(from)
  from.on('error', () => there.destroy())
  there.on('error', () => from.destroy())
})
server.listen(Number(port), () => write({ event: 'ready' }))

obey<{ id: number; op: string; host: string }>(async (command) => {
  to = command.host
  return undefined
})
