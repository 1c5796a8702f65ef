import type { Sleuth, SleuthPeer } from '@sleuth/core'
import type { AdapterInput } from '@sleuth/core/adapter'
import type { FastifyBaseLogger, FastifyTypeProvider, RawServerBase, RawServerDefault } from 'fastify'

declare const brand: unique symbol

/**
 * Not typed as the function that it is: then Fastify's own overloads do not take it, and only the one below, which
 * knows its options and takes a string, remains.
 */
export interface SleuthPlugin {
  readonly [brand]: true
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Calls to other services. They are rejected until the app is ready. */
    readonly sleuth: Sleuth
  }

  interface FastifyRequest {
    /** Calls to other services, made for this request: they inherit its deadline. */
    readonly sleuth: Sleuth
    /** Who called by sleuth. Undefined for a request over HTTP. */
    readonly sleuthPeer: SleuthPeer | undefined
  }

  // The parameters have to be those of Fastify's own declaration.
  interface FastifyRegister<
    T = void,
    RawServer extends RawServerBase = RawServerDefault,
    TypeProviderDefault extends FastifyTypeProvider = FastifyTypeProvider,
    LoggerDefault extends FastifyBaseLogger = FastifyBaseLogger,
  > {
    /** A service name, options, or a `Sleuth` of your own; none: client-only. */
    // biome-ignore lint/style/useShorthandFunctionType: only an interface adds to what is declared
    (plugin: SleuthPlugin, input?: AdapterInput): T
  }
}
