// Argument: UDP port.
import { fastifyApp } from '../lib/fastify-app.js'

await fastifyApp(Number(process.argv[2]))
