// The Fastify app on a network with keys, of which its callers are told one pair. Argument: UDP port.
import { generateKeys } from '@sleuth/core'
import { fastifyApp } from '../lib/fastify-app.js'

const own = generateKeys()
const callers = generateKeys()
const security = (keys) => ({ ...keys, allow: [own.publicKey, callers.publicKey] })
await fastifyApp(Number(process.argv[2]), security(own), { security: security(callers) })
