import type { Sleuth, SleuthPeer, SleuthRequest } from '@sleuth/core'
import { type AdapterInput, type AdapterOptions, adopt, scoped } from '@sleuth/core/adapter'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { keepFalsyOptions } from './register.js'
import type { SleuthPlugin } from './types.js'

export type SleuthFastifyOptions = AdapterOptions

const own = Symbol('sleuth')

interface Scoped extends FastifyRequest {
  [own]?: Sleuth
}

async function plugin(app: FastifyInstance, input: AdapterInput): Promise<void> {
  const handle = adopt(input, { hint: 'await app.ready() (or app.listen()) before the first call' })
  app.decorate('sleuth', handle.sleuth)
  // Fastify defines the getter once, on the prototype of its requests: those that never look pay nothing.
  app.decorateRequest('sleuth', {
    getter(this: Scoped): Sleuth {
      this[own] ??= scoped(handle.sleuth, this.raw)
      return this[own]
    },
  })
  app.decorateRequest('sleuthPeer', {
    getter(this: FastifyRequest): SleuthPeer | undefined {
      return (this.raw as SleuthRequest).sleuthPeer
    },
  })
  app.addHook('onReady', async () => {
    await handle.join(handle.service === undefined ? undefined : app.routing)
  })
  // Fastify's router answers 503 from here on, so callers have to hear that this instance leaves. Requests in flight
  // end here too: by onClose, the plugins that they use may be closed.
  app.addHook('preClose', () => handle.leave())
  app.addHook('onClose', () => handle.close())
}

/** `await app.register(sleuth, 'article-service')`: then `app.sleuth` and `request.sleuth` call other services. */
export const sleuth: SleuthPlugin = fastifyPlugin(plugin as never, {
  fastify: '5.x',
  name: '@sleuth/fastify',
})

keepFalsyOptions(sleuth)

export type { Sleuth, SleuthPeer } from '@sleuth/core'
export { sleuth as default, sleuth as 'module.exports' }
