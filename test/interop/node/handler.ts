import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSleuth, type SleuthOptions } from '@sleuth/core'
import * as routes from './routes.js'

/** No framework: a plain listener. */
export function join(options: SleuthOptions, witness: routes.Witness): Promise<routes.Joined> {
  return createSleuth({
    ...options,
    handler: (req, res) => {
      witness.saw(req.method ?? '', req.url ?? '')
      res.setHeader('x-instance', witness.instance)
      return answer(req, res)
    },
  })
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = req.url ?? ''
  const [, route, parameter] = (url.split('?')[0] ?? '').split('/')
  const body = await routes.gather(req)
  switch (route) {
    case 'echo':
      res.setHeader('content-type', 'application/json')
      res.end(JSON.stringify(routes.echo(req, body)))
      break
    case 'bytes':
      res.end(body)
      break
    case 'large':
      res.end(routes.large(url))
      break
    case 'status': {
      const status = Number(parameter)
      res.writeHead(status, { location: routes.elsewhere })
      res.end(routes.bodiless(status) ? undefined : `status ${status}`)
      break
    }
    case 'headers':
      res.setHeader('set-cookie', routes.cookies)
      res.setHeader('x-multi', routes.multi)
      res.end('headers')
      break
    case 'head':
      res.setHeader('x-length', routes.lengthOfHead)
      res.end()
      break
    case 'empty':
      res.end()
      break
    case 'silent':
      break
    case 'slow':
      await sleep(routes.delay(url))
      res.end('slow')
      break
    default:
      res.writeHead(404)
      res.end('missing')
  }
}
