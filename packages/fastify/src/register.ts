import { subscribe } from 'node:diagnostics_channel'
import type { FastifyInstance } from 'fastify'

/**
 * `register` makes `{}` of what is falsy, so an empty service name would pass for none. What a function gives reaches the plugin
 * as it is.
 */
export function keepFalsyOptions(plugin: unknown): void {
  subscribe('fastify.initialization', (message) => {
    const { fastify } = message as { fastify: FastifyInstance }
    const register = fastify.register as (this: unknown, given: unknown, options: unknown) => unknown
    fastify.register = function (this: unknown, given: unknown, options?: unknown) {
      const lost = given === plugin && options !== undefined && !options
      return register.call(this, given, lost ? () => options : options)
    } as FastifyInstance['register']
  })
}
