import type { IncomingMessage } from 'node:http'
import { createParamDecorator, type ExecutionContext } from '@nestjs/common'
import type { Sleuth } from '@sleuth/core'
import { sleuthError } from '@sleuth/core/adapter'

export interface WithClient extends IncomingMessage {
  sleuth: Sleuth
}

/** On Fastify `raw` is the request of Node. */
type AnyRequest = Partial<WithClient> & { readonly raw?: WithClient }

/**
 * In a handler: the `Sleuth` of this request, or of this message of a `SleuthClient`. Its calls inherit the deadline, and end when
 * the caller hangs up. Throws where there is neither.
 */
export const RequestSleuth = createParamDecorator((_: unknown, context: ExecutionContext): Sleuth => {
  const own = clientOf(context)
  if (own !== undefined) return own
  const problem = `finds no request here (the context is "${context.getType()}"): take the client of the app, by @InjectSleuth()`
  throw sleuthError('SLEUTH_ARGUMENT', { argument: '@RequestSleuth()', problem })
})

function clientOf(context: ExecutionContext): Sleuth | undefined {
  switch (context.getType<string>()) {
    case 'rpc':
      return context.switchToRpc().getContext<{ getSleuth?(): Sleuth } | undefined>()?.getSleuth?.()
    case 'graphql':
      return of(context.getArgByIndex<{ req?: AnyRequest } | undefined>(2)?.req)
    default:
      return of(context.switchToHttp().getRequest<AnyRequest | undefined>())
  }
}

function of(request: AnyRequest | undefined): Sleuth | undefined {
  return (request?.raw ?? request)?.sleuth
}
