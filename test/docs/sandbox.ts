/**
 * Loaded before a block of the docs is run (`node --import`), which is run as it is written. It meets a network of the test's
 * own where the real one would be, and its HTTP servers listen at any free port.
 */
import dgram from 'node:dgram'
import net from 'node:net'

const realPort = 5670
const port = Number(process.env.SLEUTH_PORT)
const elsewhere = (asked: number) => (asked === realPort ? port : asked)

// biome-ignore lint/suspicious/noExplicitAny: both take their arguments in many forms; these are the ones in use
type Any = any

const { bind, send } = dgram.Socket.prototype as Any
Object.assign(dgram.Socket.prototype, {
  bind(this: dgram.Socket, options: dgram.BindOptions, ...rest: unknown[]) {
    return bind.call(this, { ...options, port: elsewhere(options.port as number) }, ...rest)
  },
  send(this: dgram.Socket, bytes: Buffer, to: number, ...rest: unknown[]) {
    return send.call(this, bytes, elsewhere(to), ...rest)
  },
})

const { listen } = net.Server.prototype as Any
Object.assign(net.Server.prototype, {
  listen(this: net.Server, ...args: unknown[]) {
    const callback = args.find((arg) => typeof arg === 'function')
    return listen.call(this, { port: 0, host: '127.0.0.1' }, callback)
  },
})
