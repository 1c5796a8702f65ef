import type { Sleuth, SleuthPeer } from '@sleuth/core'
import type { AdapterInput, AdapterOptions } from '@sleuth/core/adapter'
import type {
  FastifyBaseLogger,
  FastifyPluginAsync,
  FastifyTypeProvider,
  RawServerBase,
  RawServerDefault,
} from 'fastify'

declare const brand: unique symbol

/**
 * A Fastify plugin, so what takes any plugin takes this one: `register(import('@sleuth/fastify'))`, NestJS's `register`. The brand
 * is for the overload of `register` below, which takes a string and a `Sleuth` as well.
 */
export interface SleuthPlugin extends FastifyPluginAsync<AdapterOptions> {
  readonly [brand]: true
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes calls to other services. A call is rejected with `SLEUTH_NOT_JOINED` until the app is ready. */
    readonly sleuth: Sleuth
  }

  interface FastifyRequest {
    /** Makes calls to other services for this request: they inherit its deadline, and end when its caller hangs up. */
    readonly sleuth: Sleuth
    /** The node that called. Undefined for a request over HTTP. */
    readonly sleuthPeer: SleuthPeer | undefined
  }

  // The parameters have to be those of Fastify's own declaration.
  interface FastifyRegister<
    T = void,
    RawServer extends RawServerBase = RawServerDefault,
    TypeProviderDefault extends FastifyTypeProvider = FastifyTypeProvider,
    LoggerDefault extends FastifyBaseLogger = FastifyBaseLogger,
  > {
    /** Takes a service name, options, or a `Sleuth` of your own. Without it the app is client-only. */
    // biome-ignore lint/style/useShorthandFunctionType: only an interface adds to what is declared
    (plugin: SleuthPlugin, input?: AdapterInput): T
  }
}
