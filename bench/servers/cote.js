// cote: a responder that echoes. Its discovery is kept on loopback. Argument: UDP port.
import cote from 'cote'
import { serve } from '../lib/echo.js'

const network = { broadcast: '127.255.255.255', port: Number(process.argv[2]), log: false }
const responder = new cote.Responder({ name: 'echo' }, network)
responder.on('echo', ({ body }) => Promise.resolve(body))
responder.sock.on('bind', () => serve({}, () => responder.close()))
