import type { HttpAdapterHost } from '@nestjs/core'
import type { RequestListener } from '@sleuth/core'

interface FastifyInstance {
  ready(): PromiseLike<unknown>
  routing: RequestListener
}

/** The listener of an app on either platform. Undefined in an app without HTTP. */
export async function listenerOf(
  adapter: HttpAdapterHost['httpAdapter'] | undefined,
): Promise<RequestListener | undefined> {
  if (adapter === undefined || adapter === null) return undefined
  if (adapter.getType() !== 'fastify') return adapter.getInstance<RequestListener>()
  const app = adapter.getInstance<FastifyInstance>()
  await app.ready()
  return (req, res) => app.routing(req, res)
}
