import { hasForeignListener } from '../../shared/own-listener.js'
import type { Request } from './request.js'
import type { Response } from './response.js'
import type { Socket } from './socket.js'

/**
 * Whether the app is told when the caller hangs up. Node itself listens for the socket's 'close', and for nothing else. Sleuth
 * listens for the response's 'close', for the calls of a handler.
 */
export function isTold(req: Request, res: Response, socket: Socket): boolean {
  if (hasForeignListener(res, 'close') || socket.listenerCount('close') > 1) return true
  return ['close', 'aborted', 'error'].some((event) => req.listenerCount(event) > 0)
}
